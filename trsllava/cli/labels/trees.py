"""`trsllava labels schema`, `new`, `show`, `find`, `check`, `diff`, `map`, `use`: trees as they are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from trsllava.cli.labels.options import Tree
from trsllava.cli.options import Collection, Device, Encoder, Home

if TYPE_CHECKING:
    from trsllava.labels.tree import Label, LabelTree


def schema() -> None:
    """Print the JSON schema of a tree's file.

    **Example**: `trsllava labels schema > label-tree.schema.json`
    """
    import json

    from trsllava.labels.file import json_schema

    print(json.dumps(json_schema(), indent=2))


def new(file: Annotated[Path, typer.Argument(help="The file to write.", show_default=False)]) -> None:
    """Write a copy of trsllava's own tree, to make your own of.

    **Example**: `trsllava labels new land.yaml`
    """
    from trsllava.cli.output import write_lines
    from trsllava.errors import InputError
    from trsllava.labels.file import OVERHEAD, tree_text

    if file.exists():
        raise InputError(f"{file} exists already. Name a new file.")
    write_lines(file, [tree_text(OVERHEAD)])
    print(f"Wrote {file}.")


def show(
    tree: Tree = "overhead",
    label: Annotated[str | None, typer.Option("--label", help="Only this label and those below it.")] = None,
) -> None:
    """Print a tree.

    **Example**: `trsllava labels show --label transport`
    """
    from trsllava.labels.edits import label_of
    from trsllava.labels.file import read_tree

    opened = read_tree(tree)
    for one in opened.within(label_of(opened, label).name) if label else opened:
        print("  " * (one.level - 1) + one.name)


def find(
    tree: Tree,
    words: Annotated[
        list[str], typer.Argument(help="A word, or the OpenStreetMap tags of an object.", show_default=False)
    ],
) -> None:
    """Print what a word, or an OpenStreetMap object with these tags, is called in a tree.

    **Examples**

    `trsllava labels find overhead graveyard`

    `trsllava labels find overhead leisure=pitch sport=tennis`
    """
    from trsllava.errors import InputError
    from trsllava.labels.file import read_tree
    from trsllava.labels.raw import RawLabel

    opened = read_tree(tree)
    asked = " ".join(words)
    tags = dict(RawLabel(asked).tags)
    word = opened.find(asked)
    found = opened.of_tags(tags) if tags else [word] if word else []
    if not found:
        raise InputError(f"{tree} has no label for {asked!r}.")
    for label in found:
        _print_label(opened, label)


def _print_label(tree: LabelTree, label: Label) -> None:
    from trsllava.labels.file import rule_of, worldcover_classes

    names = worldcover_classes()
    print(" > ".join(label.path))
    parts = {
        "about": label.about,
        "synonyms": ", ".join(label.synonyms),
        "OpenStreetMap": ", ".join(map(rule_of, label.osm)),
        "WorldCover": ", ".join(f"{code} {names[code]}" for code in tree.worldcover(label.name)),
    }
    for name, said in parts.items():
        if said:
            print(f"  {name}: {said}")


def check(tree: Tree) -> None:
    """Check a tree's file, and name every fault by its line.

    **Example**: `trsllava labels check land.yaml`
    """
    from collections import Counter

    from trsllava.errors import LabelFileError
    from trsllava.labels.file import faults_of, parse_tree, tree_text

    text = tree_text(tree)
    faults = faults_of(text)
    if not faults:
        levels = Counter(label.level for label in parse_tree(text, tree))
        print(f"{tree} is sound: {levels[1]}, {levels[2]} and {levels[3]} labels on its three levels.")
        return
    for fault in faults:
        print(f"{tree}, line {fault.line}: {fault.said}")
    raise LabelFileError(f"{tree} has {len(faults)} {'fault' if len(faults) == 1 else 'faults'}.")


def diff(
    old: Annotated[str, typer.Argument(help="The older tree.", show_default=False)],
    new: Annotated[str, typer.Argument(help="The newer tree.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what differs between two trees.

    **Example**: `trsllava labels diff overhead land.yaml`
    """
    import json
    from dataclasses import asdict

    from trsllava.labels.comparing import differences
    from trsllava.labels.file import read_tree

    found = differences(read_tree(old), read_tree(new))
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2))
        return
    for one in found:
        print(one.sentence())
    if not found:
        print("The trees say the same.")


def map_labels(
    tree: Tree,
    to: Annotated[str, typer.Argument(help="osm, worldcover, or another tree.", show_default=False)],
    by_meaning: Annotated[
        bool, typer.Option("--by-meaning", help="Compare meanings too, by the text encoder.")
    ] = False,
    encoder: Encoder = None,
    device: Device = None,
) -> None:
    """Print, as CSV, what the labels of a tree are called in another scheme, and how that is known.

    **Examples**

    `trsllava labels map overhead worldcover`

    `trsllava labels map land.yaml overhead --by-meaning`
    """
    import csv

    from trsllava.cli.labels.meanings import meanings_of
    from trsllava.config import load_settings
    from trsllava.labels.file import read_tree
    from trsllava.labels.mapping import Scheme, to_scheme, to_tree

    opened = read_tree(tree)
    if to in get_args(Scheme):
        found = list(to_scheme(opened, cast(Scheme, to)))
    else:
        meanings = meanings_of(load_settings(encoder=encoder, device=device)) if by_meaning else None
        found = list(to_tree(opened, read_tree(to), meanings))
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(["label", "other", "by"])
    rows.writerows((match.label, match.other, match.by) for match in found)


def use(
    tree: Annotated[str, typer.Argument(help="A tree's file, overhead, or none.", show_default=False)],
    home: Home = None,
    collection: Collection = None,
) -> None:
    """Have a collection's labels filtered and counted by a tree: a label then stands for all below it.

    The collection keeps a copy. `none` takes it away.

    **Examples**

    `trsllava labels use overhead --collection harbors`

    `trsllava query "boats at a quay" --where label=transport`
    """
    import trsllava

    with trsllava.open(home, collection) as archive:
        archive.use_labels(None if tree == "none" else tree)
    print("Labels stand for themselves again." if tree == "none" else f"Labels are looked up in {tree}.")
