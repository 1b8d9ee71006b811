"""The order in which hits are shown, and hits that differ from one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import numpy as np

from trsllava.records import Query, Tile
from trsllava.store.protocol import FloatArray

_POOL = 5
"""Times as many hits as are asked for, to choose different ones from."""
_MOST = 1_000


class Scored(Protocol):
    """A hit, or a tile in a ranking."""

    @property
    def tile(self) -> Tile:
        """Which."""
        ...

    @property
    def score(self) -> float:
        """Fused."""
        ...


Found = TypeVar("Found", bound=Scored)


def drawn(query: Query) -> int:
    """How many hits an answer is chosen from."""
    return max(query.k, min(_POOL * query.k, _MOST)) if query.diversity else query.k


def arranged(hits: Sequence[Found], query: Query, captions: Mapping[str, FloatArray]) -> list[Found]:
    """The query's k of the hits, which come best first, in the order that it asks for. `captions`: the caption vectors
    `(v, d)` of the hits by tile id, where different ones are to be chosen."""
    chosen = diverse(hits, query.k, query.diversity, captions) if query.diversity else list(hits[: query.k])
    match query.sort:
        case "newest":
            return sorted(chosen, key=lambda hit: -_seconds(hit.tile.acquired, -np.inf))
        case "oldest":
            return sorted(chosen, key=lambda hit: _seconds(hit.tile.acquired, np.inf))
    return chosen


def diverse(hits: Sequence[Found], k: int, diversity: float, captions: Mapping[str, FloatArray]) -> list[Found]:
    """k hits by maximal marginal relevance (Carbonell & Goldstein, "The use of MMR", SIGIR 1998): each is the one with
    the largest `(1 - diversity) score - diversity likeness to what was chosen`, scores scaled to 0..1.

    `captions`: `(v, d)` L2-normalised by tile id; two tiles are as alike as the means of their captions.
    """
    if not hits:
        return []
    scores = np.array([hit.score for hit in hits])
    spread = float(np.ptp(scores)) or 1.0
    worth = (1 - diversity) * (scores - scores.min()) / spread
    means = np.stack([_unit_mean(captions.get(str(hit.tile.id)), captions) for hit in hits])
    likeness = np.zeros(len(hits))
    left = list(range(len(hits)))
    chosen: list[int] = []
    while left and len(chosen) < k:
        best = left.pop(int(np.argmax(worth[left] - diversity * likeness[left])))
        cosines = means @ means[best]
        likeness = np.maximum(likeness, cosines) if chosen else cosines
        chosen.append(best)
    return [hits[position] for position in chosen]


def _unit_mean(rows: FloatArray | None, others: Mapping[str, FloatArray]) -> FloatArray:
    if rows is None or not len(rows):  # deleted a moment ago: like nothing else
        return np.zeros(next(iter(others.values())).shape[1] if others else 1, np.float32)
    mean: FloatArray = rows.mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)


def _seconds(moment: datetime | None, unknown: float) -> float:
    if moment is None:
        return unknown
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
