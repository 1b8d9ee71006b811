"""Reciprocal rank fusion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trsllava.search.fusion.ranking import levels
from trsllava.search.fusion.weights import column
from trsllava.store.protocol import FloatArray


@dataclass(frozen=True)
class ReciprocalRank:
    """RRF: the term of the tile at rank r of branch b is w_b / (k + r), r counted from 1.

    Tied tiles share the mean of their terms, which is what breaking the tie at random would give in expectation.
    Moments are not used: the rank is taken among the tiles given. Beyond rank 940 or so, neighbours in a branch differ
    by less than `TIE`.

    Source: Cormack, Clarke & Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
    Methods", SIGIR 2009, where k = 60; weights are a common extension.
    """

    k: int = 60

    def terms(self, scores: FloatArray, moments: FloatArray | None, weights: FloatArray) -> FloatArray:  # noqa: ARG002
        """As in `Fusion.terms`."""
        w = column(weights, scores.ndim)
        level = levels(scores)
        order = np.argsort(-level, axis=-1, kind="stable")
        ranked = np.take_along_axis(level, order, axis=-1)
        n = scores.shape[-1]

        # The tie group of rank r runs from `first` to `last` (0-based); its sum is a difference of partial sums.
        position = np.broadcast_to(np.arange(n), scores.shape)
        new = np.concatenate([np.ones((*scores.shape[:-1], 1), bool), ranked[..., 1:] != ranked[..., :-1]], axis=-1)
        end = np.concatenate([new[..., 1:], np.ones((*scores.shape[:-1], 1), bool)], axis=-1)
        first = np.maximum.accumulate(np.where(new, position, 0), axis=-1)
        last = np.minimum.accumulate(np.where(end, position, n)[..., ::-1], axis=-1)[..., ::-1]
        partial = np.concatenate([[0.0], np.cumsum(1.0 / (self.k + np.arange(1, n + 1)))])
        shared = (partial[last + 1] - partial[first]) / (last + 1 - first)

        terms = np.empty(scores.shape, np.float64)
        np.put_along_axis(terms, order, shared, axis=-1)
        return (w * terms).astype(np.float32)
