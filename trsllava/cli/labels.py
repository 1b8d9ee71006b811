"""`trsllava labels`: trees of labels."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from trsllava.cli.options import Collection, Device, Encoder, Home, QdrantUrl

if TYPE_CHECKING:
    from trsllava.config import Settings
    from trsllava.labels.edits import Edit
    from trsllava.labels.journal import Action
    from trsllava.labels.meaning import Meanings
    from trsllava.labels.plan import Plan
    from trsllava.labels.tree import Label, LabelTree

app = typer.Typer(
    help="Label trees: check, extend, clean up and compare them, and filter a collection by one.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Tree = Annotated[str, typer.Argument(help="A tree's file, or overhead, which comes with trsllava.")]
TreeFile = Annotated[Path, typer.Argument(help="A tree's file.", show_default=False)]
LabelName = Annotated[str, typer.Argument(help="A label, by its name or a synonym.", show_default=False)]
PlanFile = Annotated[Path | None, typer.Option("--output", "-o", help="Write the plan here.  [default: print it]")]


@app.command("schema")
def schema() -> None:
    """Print the JSON schema of a tree's file.

    **Example**: `trsllava labels schema > label-tree.schema.json`
    """
    import json

    from trsllava.labels.file import json_schema

    print(json.dumps(json_schema(), indent=2))


@app.command("new")
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


@app.command("show")
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


@app.command("find")
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


@app.command("check")
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


@app.command("diff")
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


@app.command("plan")
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
        raws = read_raw(sys.stdin if str(labels) == "-" else read_text(labels).splitlines())
    settings = load_settings(home=home, encoder=encoder, device=device)
    found = propose(opened, raws, _meanings(settings), is_english, judge(settings))
    _write_plan(found, output)
    known = len(raws) - len(found.labels)
    print(f"{known} labels are known already.", file=sys.stderr)


@app.command("consolidate")
def consolidate(tree: Tree, output: PlanFile = None, encoder: Encoder = None, device: Device = None) -> None:
    """Propose which labels of a tree are one and should be merged.

    **Example**: `trsllava labels consolidate land.yaml -o plan.yaml`
    """
    from trsllava.config import load_settings
    from trsllava.labels.file import read_tree
    from trsllava.labels.plan import consolidate
    from trsllava.search.english import is_english

    settings = load_settings(encoder=encoder, device=device)
    _write_plan(consolidate(read_tree(tree), _meanings(settings), is_english), output)


def _meanings(settings: Settings) -> Meanings:
    from trsllava.config import plain
    from trsllava.encoders.text import load_text_encoder
    from trsllava.encoders.weights import DEFAULT_MODEL
    from trsllava.labels.meaning import Meanings

    name, key = settings.encoder or DEFAULT_MODEL, plain(settings.encoder_api_key)
    encoder = load_text_encoder(name, device=settings.device, base_url=settings.encoder_url, api_key=key)
    return Meanings(encoder.encode)


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


@app.command("apply")
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


@app.command("add")
def add(
    tree: TreeFile,
    name: Annotated[str, typer.Argument(help="The new label.", show_default=False)],
    under: Annotated[
        str | None,
        typer.Option("--under", help="The label above it.  [default: found from the top down]", show_default=False),
    ] = None,
    first_level: Annotated[bool, typer.Option("--first-level", help="Add it with no label above.")] = False,
    about: Annotated[str, typer.Option("--about", help="What it is and looks like.")] = "",
    osm: Annotated[str, typer.Option("--osm", help="OpenStreetMap tags that it stands for.")] = "",
    encoder: Encoder = None,
    device: Device = None,
) -> None:
    """Add a label, where you say or where its meaning and tags put it.

    **Examples**

    `trsllava labels add land.yaml "skate park" --osm leisure=skatepark --about "Concrete ramps for skateboards."`

    `trsllava labels add land.yaml "skate park" --under "sports grounds"`
    """
    from trsllava.config import load_settings
    from trsllava.errors import InputError, Parameter
    from trsllava.labels import edits
    from trsllava.labels.journal import By, Change, Journal
    from trsllava.labels.placing import Placing, is_sure
    from trsllava.labels.raw import RawLabel

    if under is not None and first_level:
        raise InputError("Give ", Parameter("under"), " or ", Parameter("first_level"), ", not both.")
    journal = Journal(tree)
    tags = RawLabel(osm).tags
    if osm and not tags:
        raise InputError(Parameter("osm"), f" expects OpenStreetMap tags, such as leisure=skatepark, not {osm!r}.")
    by: By = "person"
    if under is None and not first_level:
        placing = Placing(journal.tree(), _meanings(load_settings(encoder=encoder, device=device)))
        places = placing.places(name, about, dict(tags))
        if not places:
            raise InputError(f"{tree} has no label of the second level. Name a label with ", Parameter("under"), ".")
        if not is_sure(places):
            names = ", ".join(place.parent.name for place in places[:3])
            raise InputError(f"{name!r} may belong under {names}. Name one of them with ", Parameter("under"), ".")
        under, by = places[0].parent.name, "meaning"
    rules = (tags,) if tags else ()
    edit = partial(edits.add, name=name, under=under, about=about, osm=rules)
    journal.change([Change(edit, "add", name, under or "", by)])
    print(f"Added {name} {f'under {under}' if under else 'at the first level'}.")


@app.command("merge")
def merge(
    tree: TreeFile,
    label: LabelName,
    into: Annotated[str, typer.Option("--into", help="The label that stays.", show_default=False)],
) -> None:
    """Make a label another name of one that stays.

    **Example**: `trsllava labels merge land.yaml barn --into farmyard`
    """
    from trsllava.labels import edits

    _change(tree, partial(edits.merge, word=label, into=into), "merge", label, into)


@app.command("move")
def move(
    tree: TreeFile,
    label: LabelName,
    under: Annotated[str, typer.Option("--under", help="The label to put it under.", show_default=False)],
) -> None:
    """Put a label, with all below it, under another.

    **Example**: `trsllava labels move land.yaml mangrove --under wetland`
    """
    from trsllava.labels import edits

    _change(tree, partial(edits.move, word=label, under=under), "move", label, under)


@app.command("rename")
def rename(
    tree: TreeFile, label: LabelName, name: Annotated[str, typer.Argument(help="The new name.", show_default=False)]
) -> None:
    """Call a label otherwise; its old name stays as a synonym.

    **Example**: `trsllava labels rename land.yaml harbor harbour`
    """
    from trsllava.labels import edits

    _change(tree, partial(edits.rename, word=label, name=name), "rename", label, name)


@app.command("remove")
def remove(tree: TreeFile, label: LabelName) -> None:
    """Remove a label that has none below it.

    **Example**: `trsllava labels remove land.yaml bunker`
    """
    from trsllava.labels import edits

    _change(tree, partial(edits.remove, word=label), "remove", label)


@app.command("apart")
def apart(
    tree: TreeFile,
    one: Annotated[str, typer.Argument(help="A word.", show_default=False)],
    other: Annotated[str, typer.Argument(help="A word that means something else.", show_default=False)],
) -> None:
    """Say that two words mean different things, whatever they look like.

    **Example**: `trsllava labels apart land.yaml "sand pit" sandpit`
    """
    from trsllava.labels import edits

    _change(tree, partial(edits.keep_apart, one=one, other=other), "apart", one, other)


def _change(tree: Path, edit: Edit, action: Action, label: str, to: str = "") -> None:
    from trsllava.labels.journal import Change, Journal

    journal = Journal(tree)
    journal.change([Change(edit, action, label, to)])
    print(journal.steps()[-1].sentence())


@app.command("log")
def log(
    tree: TreeFile,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines: all of each step.")] = False,
) -> None:
    """List every step that a tree has been through.

    **Example**: `trsllava labels log land.yaml`
    """
    from trsllava.labels.journal import Journal

    journal = Journal(tree)
    journal.tree()  # a file that is not there has no log either, and should be told of
    for step in journal.steps():
        print(step.model_dump_json() if as_json else f"{step.step:4}  {step.at:%Y-%m-%d %H:%M}  {step.sentence()}")


@app.command("undo")
def undo(
    tree: TreeFile,
    steps: Annotated[int, typer.Option("--steps", "-n", min=1, help="How many steps to take back.")] = 1,
) -> None:
    """Take back the last steps: the file is again what it was, byte for byte.

    **Example**: `trsllava labels undo land.yaml --steps 3`
    """
    from trsllava.labels.journal import Journal

    journal = Journal(tree)
    for _ in range(steps):
        print(f"Undone: {journal.undo().sentence()}")


@app.command("map")
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

    from trsllava.config import load_settings
    from trsllava.labels.file import read_tree
    from trsllava.labels.mapping import Scheme, to_scheme, to_tree

    opened = read_tree(tree)
    if to in get_args(Scheme):
        found = list(to_scheme(opened, cast(Scheme, to)))
    else:
        meanings = _meanings(load_settings(encoder=encoder, device=device)) if by_meaning else None
        found = list(to_tree(opened, read_tree(to), meanings))
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(["label", "other", "by"])
    rows.writerows((match.label, match.other, match.by) for match in found)


@app.command("use")
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
