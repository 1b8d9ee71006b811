"""From one scheme of labels to another: OpenStreetMap, ESA WorldCover, another tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from trsllava.labels.file import rule_of, worldcover_classes
from trsllava.labels.meaning import Meanings
from trsllava.labels.tree import Label, LabelTree

_MEANT_ALIKE = 0.75
"""Cosine from which on two labels of different trees are taken for one."""

Scheme = Literal["osm", "worldcover"]


@dataclass(frozen=True)
class Match:
    """What a label is called in another scheme."""

    label: str
    other: str
    by: Literal["name", "tag", "meaning", "above", "given"]
    """Found by a shared word, a shared OpenStreetMap tag, by meaning, or only what the label above maps to; `given`:
    the tree says so."""


def to_scheme(tree: LabelTree, scheme: Scheme) -> Iterator[Match]:
    """Each label's OpenStreetMap tags, or ESA WorldCover classes."""
    names = worldcover_classes()
    for label in tree:
        if scheme == "osm":
            yield from (Match(label.name, rule_of(rule), "given") for rule in label.osm)
        else:
            by: Literal["given", "above"] = "given" if label.worldcover else "above"
            yield from (Match(label.name, f"{code} {names[code]}", by) for code in tree.worldcover(label.name))


def to_tree(tree: LabelTree, other: LabelTree, meanings: Meanings | None = None) -> Iterator[Match]:
    """Each label's like in another tree; a label that has none there maps to what the label above it does."""
    found: dict[str, str] = {}
    for label in tree:
        match = _match(label, other, meanings)
        if match is None and label.parent in found:
            match = Match(label.name, found[label.parent], "above")
        if match is not None:
            found[label.name] = match.other
            yield match


def _match(label: Label, other: LabelTree, meanings: Meanings | None) -> Match | None:
    for word in label.words:
        if named := other.find(word):
            return Match(label.name, named.name, "name")
    shared = [one for one in other if set(one.osm) & set(label.osm)]
    if shared:
        return Match(label.name, shared[0].name, "tag")
    level = [one for one in other if one.level == label.level]
    if meanings is None or not level:
        return None
    meanings.learn([word for one in (*level, label) for word in one.words])
    nearest = max(level, key=lambda one: meanings.likeness(label.name, one))
    return (
        Match(label.name, nearest.name, "meaning") if meanings.likeness(label.name, nearest) >= _MEANT_ALIKE else None
    )
