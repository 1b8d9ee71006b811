"""Labels as people ask for them, and as the collection spells them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from trsllava.labels.form import form
from trsllava.labels.tree import LabelTree
from trsllava.records import Filters

_NEAREST = 5
_LIKENESS = 60.0
"""Percent (rapidfuzz's WRatio) from which on a label is worth naming."""


@dataclass(frozen=True)
class UnknownLabel:
    """A label that no tile has."""

    asked: str
    nearest: tuple[str, ...]
    """Labels that the collection has: those most like it, else its most frequent ones."""

    def sentence(self) -> str:
        """What to tell the person who asked for it."""
        there = f"The nearest: {', '.join(self.nearest)}." if self.nearest else "The collection has no labels."
        return f"No image has the label {self.asked!r}. {there}"


def settle_labels(
    filters: Filters, known: Mapping[str, int], tree: LabelTree | None = None
) -> tuple[Filters, list[UnknownLabel]]:
    """Filters with each label as the collection spells it, in all its spellings, and the labels that it does not have.

    Case, plural, hyphens and underscores make no difference. `known`: the collection's labels, most frequent first,
    with their numbers of tiles. A label of `tree` stands for all its names and for every label below it.
    """
    spellings: dict[str, list[str]] = defaultdict(list)
    for label in known:
        spellings[form(label)].append(label)
    spelt = {label: _spelt(label, spellings, known, tree) for label in (*filters.labels, *filters.without_labels)}
    wanted = [tuple(spelt[label]) or (label,) for label in filters.labels]
    without = [spelling for label in filters.without_labels for spelling in spelt[label] or [label]]
    unknown = [UnknownLabel(label, _near(label, list(known))) for label, found in spelt.items() if not found]
    settled = filters.model_copy(
        update={
            "labels": tuple(group[0] for group in wanted if len(group) == 1),
            "label_spellings": (*filters.label_spellings, *(group for group in wanted if len(group) > 1)),
            "without_labels": tuple(dict.fromkeys(without)),
        }
    )
    return settled, unknown


def _spelt(
    label: str, spellings: Mapping[str, Sequence[str]], known: Iterable[str], tree: LabelTree | None
) -> list[str]:
    """What the collection calls a label, and all that lies below it in the tree."""
    own = list(spellings.get(form(label), ()))
    found = tree.find(label) if tree else None
    if tree is None or found is None:
        return own
    within = [name for name in known if (owner := tree.find(name)) and owner.path[: found.level] == found.path]
    return list(dict.fromkeys((*own, *within)))


def _near(label: str, known: Sequence[str]) -> tuple[str, ...]:
    found = process.extract(label, known, scorer=fuzz.WRatio, processor=form, score_cutoff=_LIKENESS, limit=_NEAREST)
    return tuple(name for name, *_ in found) or tuple(known[:_NEAREST])
