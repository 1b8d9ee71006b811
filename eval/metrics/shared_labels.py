"""What metrics of shared labels are made of: the head of one query's ranking, in groups of tied scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.ties import tie_starts
from trsllava.search.fusion import TIE

Shared = NDArray[np.int64]
"""C(q, i): how many labels a query shares with each item."""


@dataclass(frozen=True)
class LabelRanking:
    """The first items of a ranking, as far as they are looked at and to the end of a group of ties."""

    shared: Shared
    """`(m,)` labels shared, best score first; in no order where scores tie."""
    starts: NDArray[np.intp]
    """`(g,)` where each group of tied scores begins."""
    ideal: Shared
    """`(min(depth, n),)` the largest numbers of shared labels in the whole collection, descending."""

    def mean_by_rank(self, gains: NDArray[np.float64]) -> NDArray[np.float64]:
        """Expected gain at each rank, `(m,)`, over random orders of tied items: the mean of the rank's group."""
        sizes = np.diff(self.starts, append=len(gains))
        return np.repeat(np.add.reduceat(gains, self.starts) / sizes, sizes)


def rank_labels(scores: NDArray[np.float32], shared: Shared, depth: int) -> LabelRanking:
    """One query's ranking down to `depth`; a group of ties is all that scores within `TIE` of the group's best.

    Args:
        scores: `(n,)` float32 of a query with n items, n at least 1.
        shared: `(n,)` labels that the query shares with each.
        depth: the largest n that is asked for, at least 1.

    >>> ranking = rank_labels(np.float32([0.1, 0.9, 0.5, 0.9]), np.array([3, 1, 0, 2]), depth=3)
    >>> sorted(ranking.shared[:2].tolist()), ranking.shared[2:].tolist(), ranking.starts.tolist()
    ([1, 2], [0], [0, 2])
    >>> ranking.ideal.tolist()
    [3, 2, 1]
    """
    depth = min(depth, len(scores))
    wide = scores.astype(np.float64)
    last = np.partition(wide, len(wide) - depth)[len(wide) - depth]
    head = np.flatnonzero(wide >= last - TIE)
    order = head[np.argsort(-wide[head], kind="stable")]
    starts = tie_starts(wide[order])
    cut = int(np.searchsorted(starts, depth))
    end = int(starts[cut]) if cut < len(starts) else len(order)
    most = np.sort(np.partition(shared, len(shared) - depth)[len(shared) - depth :])[::-1]
    return LabelRanking(shared[order[:end]], starts[:cut], most)
