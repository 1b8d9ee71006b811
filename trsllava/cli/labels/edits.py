"""`trsllava labels add`, `merge`, `move`, `rename`, `remove`, `apart`: changes to a tree; `log` and `undo` of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.cli.labels.options import LabelName, TreeFile
from trsllava.cli.options import Device, Encoder

if TYPE_CHECKING:
    from trsllava.labels.edits import Edit
    from trsllava.labels.journal import Action


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
    from trsllava.cli.labels.meanings import meanings_of
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
        placing = Placing(journal.tree(), meanings_of(load_settings(encoder=encoder, device=device)))
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


def rename(
    tree: TreeFile, label: LabelName, name: Annotated[str, typer.Argument(help="The new name.", show_default=False)]
) -> None:
    """Call a label otherwise; its old name stays as a synonym.

    **Example**: `trsllava labels rename land.yaml harbor harbour`
    """
    from trsllava.labels import edits

    _change(tree, partial(edits.rename, word=label, name=name), "rename", label, name)


def remove(tree: TreeFile, label: LabelName) -> None:
    """Remove a label that has none below it.

    **Example**: `trsllava labels remove land.yaml bunker`
    """
    from trsllava.labels import edits

    _change(tree, partial(edits.remove, word=label), "remove", label)


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
