"""Recall at K, text to image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eval.metrics.recall import Owner, Recall, ScoreMatrix
from trsllava.search.fusion import TIE


def recall_t2i(scores: ScoreMatrix, owner: Owner, ks: Sequence[int]) -> dict[int, Recall]:
    """Each text ranks all images; it hits where its own image is among the first K.

    With g images strictly better than the own one and t others tied with it (within `TIE`), random tie-breaking
    hits with probability clip((K - g) / (t + 1), 0, 1).

    One image is better than the text's own and three tie with it, which has places 2 to 5:

    >>> recall_t2i(np.float32([[0.5, 0.9, 0.5, 0.5, 0.5, 0.1]]), np.array([0]), ks=[3])
    {3: Recall(expected=0.5, optimistic=1.0, pessimistic=0.0)}

    Args:
        scores: `(q, n)` float32, q and n at least 1.
        owner: `(q,)` column of each text's own image.
        ks: the values of K.

    Source: McSherry & Najork, "Computing Information Retrieval Performance Measures Efficiently in the Presence of
    Tied Scores", ECIR 2008.
    """
    better, tied = ahead_t2i(scores, owner)
    return {
        k: Recall(
            expected=float(_chance(better, tied, k).mean()),
            optimistic=float((better < k).mean()),
            pessimistic=float((better + tied < k).mean()),
        )
        for k in ks
    }


def chances_t2i(scores: ScoreMatrix, owner: Owner, ks: Sequence[int]) -> NDArray[np.float64]:
    """Each text's own chance of a hit, `(len(ks), q)`: their means are `recall_t2i`."""
    better, tied = ahead_t2i(scores, owner)
    return np.stack([_chance(better, tied, k) for k in ks])


def ranks_t2i(scores: ScoreMatrix, owner: Owner) -> NDArray[np.float64]:
    """The rank, from 1, that each text's own image is expected at with random tie-breaking, `(q,)`: g + 1 + t/2."""
    better, tied = ahead_t2i(scores, owner)
    return better + 1 + tied / 2


def ahead_t2i(scores: ScoreMatrix, owner: Owner) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of each text, how many images are strictly better than its own and how many others tie with it, `(q,)` each."""
    wide = scores.astype(np.float64)
    ahead = wide - wide[np.arange(len(owner)), owner][:, None]
    return (ahead > TIE).sum(axis=1), (np.abs(ahead) <= TIE).sum(axis=1) - 1


def _chance(better: NDArray[np.intp], tied: NDArray[np.intp], k: int) -> NDArray[np.float64]:
    return np.clip((k - better) / (tied + 1), 0, 1)
