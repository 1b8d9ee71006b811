"""Words for the caption grammar (`vocabulary.toml`): kinds of scene, what is seen in them and what lies around."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any, NamedTuple


class Noun(NamedTuple):
    """What can be seen in a scene."""

    singular: str
    adjectives: tuple[str, ...]
    places: tuple[str, ...]


class Words(NamedTuple):
    """What can be said of one kind of scene."""

    names: tuple[str, ...]
    preposition: str
    """`in` a harbor, `on` a golf course."""
    traits: tuple[str, ...]
    around: tuple[str, ...]
    objects: tuple[Noun, ...]


def _words(row: dict[str, Any]) -> Words:
    objects = (Noun(noun["noun"], tuple(noun["adjectives"]), tuple(noun["places"])) for noun in row["objects"])
    return Words(tuple(row["names"]), row["preposition"], tuple(row["traits"]), tuple(row["around"]), tuple(objects))


_FILE = tomllib.loads((files(__package__) / "vocabulary.toml").read_text("utf-8"))

AMOUNTS = tuple(_FILE["amounts"])
LAYOUTS = tuple(_FILE["layouts"])
VOCABULARY: dict[str, Words] = {kind: _words(row) for kind, row in _FILE["scenes"].items()}
