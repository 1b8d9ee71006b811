"""Sorting again by what the candidates would choose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.recall import ScoreMatrix
from trsllava.search.fusion.ranking import levels


@dataclass(frozen=True)
class Resort:
    """Transductive. A query's `depth` best candidates are sorted by the place that the query takes when each of them
    ranks all queries; equal places keep the order of the scores, and so does everything further down.

    Ties: those with the last of the best are among them; a place counts the queries that are strictly better; what is
    equal in both stays tied. The new scores are places from behind, whole numbers.

    Source: our plain reading of Zhang et al., "iEBAKER: Improved Remote Sensing Image-Text Retrieval Framework via
    Eliminate Before Align and Keyword Explicit Reasoning", 2025, Sort After Reversed Retrieval. No reproduction.
    """

    depth: int = 10
    """At least 1; 1 changes nothing where nothing is tied."""

    def __str__(self) -> str:
        """As people name it (`parse_rescoring`)."""
        return f"resort:{self.depth}"

    def __call__(self, scores: ScoreMatrix) -> ScoreMatrix:
        """New scores, `(q, n)` float32, comparable along each row, of the final scores `(q, n)` of all queries that
        are measured."""
        level = levels(scores)
        depth = min(self.depth, scores.shape[1])
        last = np.partition(level, -depth, axis=1)[:, -depth][:, None]
        place = np.where(level >= last, _places(level), len(scores))
        order = np.lexsort((-level, place), axis=1)
        ranked = [np.take_along_axis(key, order, axis=1) for key in (place, level)]
        new = np.any([key[:, 1:] != key[:, :-1] for key in ranked], axis=0)
        behind = np.zeros(scores.shape, np.float32)
        np.put_along_axis(behind, order[:, 1:], -np.cumsum(new, axis=1).astype(np.float32), axis=1)
        return behind


def _places(level: NDArray[np.int64]) -> NDArray[np.intp]:
    """How many queries each candidate holds strictly better than each query, `(q, n)`."""
    columns = level.T
    ahead = [len(level) - np.searchsorted(np.sort(column), column, side="right") for column in columns]
    return np.stack(ahead, axis=1)
