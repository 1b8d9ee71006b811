"""Labels as people ask for them, and as the collection spells them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from trsllava.labels.form import form
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


def settle_labels(filters: Filters, known: Mapping[str, int]) -> tuple[Filters, list[UnknownLabel]]:
    """Filters with each label as the collection spells it, in all its spellings, and the labels that it does not have.

    Case, plural, hyphens and underscores make no difference. `known`: the collection's labels, most frequent first,
    with their numbers of tiles.
    """
    spellings: dict[str, list[str]] = defaultdict(list)
    for label in known:
        spellings[form(label)].append(label)
    wanted = [tuple(spellings.get(form(label), [label])) for label in filters.labels]
    without = [spelling for label in filters.without_labels for spelling in spellings.get(form(label), [label])]
    asked = dict.fromkeys((*filters.labels, *filters.without_labels))
    unknown = [UnknownLabel(label, _near(label, list(known))) for label in asked if form(label) not in spellings]
    settled = filters.model_copy(
        update={
            "labels": tuple(group[0] for group in wanted if len(group) == 1),
            "label_spellings": (*filters.label_spellings, *(group for group in wanted if len(group) > 1)),
            "without_labels": tuple(dict.fromkeys(without)),
        }
    )
    return settled, unknown


def _near(label: str, known: Sequence[str]) -> tuple[str, ...]:
    found = process.extract(label, known, scorer=fuzz.WRatio, processor=form, score_cutoff=_LIKENESS, limit=_NEAREST)
    return tuple(name for name, *_ in found) or tuple(known[:_NEAREST])
