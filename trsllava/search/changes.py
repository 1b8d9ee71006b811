"""Changes: which places' captions gained, or lost, what a text names, between two times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trsllava.errors import InputError, Parameter
from trsllava.ledger.ledger import Ledger
from trsllava.records import Filters, Part, TileRecord
from trsllava.search.conditions import as_interval
from trsllava.search.edits import split_negation
from trsllava.search.engine import Engine
from trsllava.search.stacks import pairs
from trsllava.store.protocol import FloatArray

Places = NDArray[np.intp]

_CAME = re.compile(
    r"\b(?:newly (?:built|constructed|planted)|recently (?:built|constructed)|new(?:ly)?|additional|more|recent"
    r"|construction of|growth of)\b"
)
_WENT = re.compile(
    r"\b(?:demolished|destroyed|vanished|disappeared|lost|former|fewer|less|loss of|demolition of|clearing of)\b"
)


@dataclass(frozen=True)
class Change:
    """A place at two times, and how much more the later captions say what was asked than the earlier ones."""

    before: TileRecord
    after: TileRecord
    score: float
    """In standard deviations of the scores of the tiles compared, summed over dense and BM25: 0 is no change."""


def read_change(text: str) -> tuple[str, tuple[str, ...]]:
    """What is to have come, and what is to have gone: `new buildings`, `demolished houses`, `ships but no cranes`.

    The words that give an instruction are those of queries with a picture (docs/composed.md), and those of change.
    """
    said = " ".join(text.lower().split())
    if not _CAME.search(said) and not _WENT.search(said):
        return split_negation(text)
    return split_negation(_WENT.sub("without", _CAME.sub("with", said)))


def as_times(change: str) -> tuple[Filters, Filters]:
    """`2019..2023`, each side a time or an interval (`2019-06/2019-08..2023`): conditions for before and after.

    Raises InputError.
    """
    before, dots, after = change.partition("..")
    if not dots or not before.strip() or not after.strip():
        raise InputError(Parameter("change"), f" expects two times, as in 2019..2023, not {change!r}.")
    sides = [as_interval(side.strip()) for side in (before, after)]
    if sides[0][0] and sides[1][1] and sides[0][0] >= sides[1][1]:
        raise InputError(Parameter("change"), f" {change}: the second time is not later than the first.")
    first, second = (Filters(start=start, end=end) for start, end in sides)
    return first, second


def changes(text: str, times: tuple[Filters, Filters], ledger: Ledger, engine: Engine, k: int) -> list[Change]:
    """The k places that changed most as the text says, best first; ties in a fixed order. `times`: conditions that the
    earlier and the later tiles meet.

    Raises InputError where the text says nothing.
    """
    gained, lost = read_change(text)
    if not gained.strip() and not lost:
        raise InputError("The query is empty. Say what has changed, as in 'new buildings'.")
    earlier, later = ([record.tile for record in ledger.captioned(filters)] for filters in times)
    found = [(str(before.id), str(after.id)) for before, after in pairs(earlier, later)]
    if not found:
        return []
    ids = sorted({tile_id for pair in found for tile_id in pair})
    place = {tile_id: number for number, tile_id in enumerate(ids)}
    before, after = (np.array([place[pair[side]] for pair in found]) for side in (0, 1))
    score = np.zeros(len(found), np.float32)
    for thing, sign in [(gained, 1.0), *((thing, -1.0) for thing in lost)]:
        if thing.strip():
            score += sign * _difference(engine.text_scores(thing, ids), before, after)
    order = sorted(range(len(found)), key=lambda number: (-score[number], found[number]))[:k]
    records = ledger.records([tile_id for number in order for tile_id in found[number]])
    return [
        Change(records[first], records[second], float(score[number]))
        for number in order
        for first, second in [found[number]]
        if first in records and second in records
    ]


def _difference(scores: Mapping[Part, FloatArray], before: Places, after: Places) -> FloatArray:
    """By how much later tiles fit a text better, `(n,)`: standard deviations of each branch's scores, summed."""
    total = np.zeros(len(after), np.float32)
    for branch in scores.values():
        if (spread := float(branch.std())) > 0:
            total += (branch[after] - branch[before]) / spread
    return total
