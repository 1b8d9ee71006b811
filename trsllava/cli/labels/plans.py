"""`trsllava labels plan`, `consolidate`, `apply`: what is to become of labels, proposed and carried out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.cli.labels.options import Tree, TreeFile
from trsllava.cli.options import Collection, Device, Encoder, Home, QdrantUrl

if TYPE_CHECKING:
    from trsllava.labels.plan import Plan

PlanFile = Annotated[Path | None, typer.Option("--output", "-o", help="Write the plan here.  [default: print it]")]


def plan(
    tree: Tree,
    labels: Annotated[
        Path | None,
        typer.Argument(help="Labels, one a line; - for standard input.  [default: those of the collection]"),
    ] = None,
    output: PlanFile = None,
    encoder: Encoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Propose what to make of labels that a tree does not know.

    A line is a word or OpenStreetMap tags (`landuse=resevoir`); a description may follow behind a tab.
    Misspellings and synonyms become other names of labels, the rest new labels. What is not clear is asked of the
    model server of the settings (`base_url`) if there is one, and else left to you. Edit the plan, then
    `trsllava labels apply` it.

    **Examples**

    `trsllava labels plan land.yaml tags.txt -o plan.yaml`

    `trsllava labels plan land.yaml --collection harbors -o plan.yaml`
    """
    import trsllava
    from trsllava.cli.labels.meanings import meanings_of
    from trsllava.config import load_settings
    from trsllava.labels.asking import judge
    from trsllava.labels.file import read_text, read_tree
    from trsllava.labels.plan import propose
    from trsllava.labels.raw import RawLabel, read_raw
    from trsllava.search.english import is_english

    opened = read_tree(tree)
    if labels is None:
        with trsllava.open(home, collection, qdrant_url=qdrant_url) as archive:
            raws = [RawLabel(name, seen=seen) for name, seen in archive.labels().items()]
    else:
        raws = read_raw(_standard_input() if str(labels) == "-" else read_text(labels).splitlines())
    settings = load_settings(home=home, encoder=encoder, device=device)
    found = propose(opened, raws, meanings_of(settings), is_english, judge(settings))
    _write_plan(found, output)
    known = len(raws) - len(found.labels)
    print(f"{known} labels are known already.", file=sys.stderr)


def _standard_input() -> list[str]:
    from trsllava.errors import LabelFileError

    try:
        return sys.stdin.buffer.read().decode("utf-8").splitlines()
    except UnicodeError as error:
        raise LabelFileError("Standard input is not UTF-8.") from error


def consolidate(tree: Tree, output: PlanFile = None, encoder: Encoder = None, device: Device = None) -> None:
    """Propose which labels of a tree are one and should be merged.

    **Example**: `trsllava labels consolidate land.yaml -o plan.yaml`
    """
    from trsllava.cli.labels.meanings import meanings_of
    from trsllava.config import load_settings
    from trsllava.labels.file import read_tree
    from trsllava.labels.plan import consolidate
    from trsllava.search.english import is_english

    settings = load_settings(encoder=encoder, device=device)
    _write_plan(consolidate(read_tree(tree), meanings_of(settings), is_english), output)


def _write_plan(plan: Plan, output: Path | None) -> None:
    from collections import Counter

    from trsllava.cli.output import write_lines
    from trsllava.labels.plan import dump_plan

    if output is None:
        print(dump_plan(plan), end="")
    else:
        write_lines(output, [dump_plan(plan)])
    counts = Counter(line.do for line in plan.labels)
    print(f"{counts['same']} other names, {counts['new']} new labels, {counts['ask']} questions.", file=sys.stderr)


def apply(
    tree: TreeFile,
    plan: Annotated[Path, typer.Argument(help="A plan, as you left it.", show_default=False)],
) -> None:
    """Carry out a plan; every step is written into the tree's log, and can be undone.

    **Example**: `trsllava labels apply land.yaml plan.yaml`
    """
    from trsllava.labels.file import read_text
    from trsllava.labels.journal import Journal
    from trsllava.labels.plan import changes, parse_plan

    read = parse_plan(read_text(plan), str(plan))
    made = list(changes(read.labels))
    Journal(tree).change(made)
    asked = sum(line.do == "ask" for line in read.labels)
    print(f"{len(made)} steps taken; {asked} labels wait for your word.")
