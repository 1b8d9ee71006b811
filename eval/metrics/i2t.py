"""Recall at K, image to text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eval.metrics.recall import Owner, Recall, ScoreMatrix
from trsllava.search.fusion import TIE


def recall_i2t(scores: ScoreMatrix, owner: Owner, ks: Sequence[int]) -> dict[int, Recall]:
    """Each image ranks all texts; it hits where any of its own texts is among the first K.

    An image may own any number of texts; one that owns none asks nothing and is left out. At the best score of an
    image's own texts let m own and t other texts tie (within `TIE`), with g others strictly better, and k = K - g.
    Random tie-breaking hits with probability 1 - C(t, k) / C(t + m, k) for 0 < k <= t, and 1 beyond.

    Two own texts and one other tie, and the first place misses with C(1, 1) / C(3, 1); no own text is left out of two.

    >>> recall = recall_i2t(np.float32([[0.5, 0], [0.5, 0], [0.5, 1]]), np.array([0, 0, 1]), ks=[1, 2])
    >>> round(2 * recall[1].expected - 1, 4), recall[2].expected  # the second image hits at once
    (0.6667, 1.0)

    Args:
        scores: `(q, n)` float32, q and n at least 1.
        owner: `(q,)` column of the image that each text belongs to.
        ks: the values of K.

    Source: the hypergeometric chance of drawing none of m own texts, after McSherry & Najork, ECIR 2008.
    """
    better, own_tied, others_tied = _ahead(scores, owner)
    return {
        k: Recall(
            expected=float((1 - _miss(own_tied, others_tied, k - better)).mean()),
            optimistic=float((better < k).mean()),
            pessimistic=float((better + others_tied < k).mean()),
        )
        for k in ks
    }


def chances_i2t(scores: ScoreMatrix, owner: Owner, ks: Sequence[int]) -> NDArray[np.float64]:
    """Each asking image's own chance of a hit, `(len(ks), n)`: their means are `recall_i2t`."""
    better, own_tied, others_tied = _ahead(scores, owner)
    return np.stack([1 - _miss(own_tied, others_tied, k - better) for k in ks])


def ranks_i2t(scores: ScoreMatrix, owner: Owner) -> NDArray[np.float64]:
    """The rank, from 1, that the first own text of each asking image is expected at where ties are broken at random,
    `(n,)`: g + (m + t + 1) / (m + 1), the mean of the least of m places out of m + t."""
    better, own_tied, others_tied = _ahead(scores, owner)
    return better + (own_tied + others_tied + 1) / (own_tied + 1)


def _ahead(scores: ScoreMatrix, owner: Owner) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Of each image that owns a text: texts better than its best own one, and own and other texts tied with that."""
    wide = scores.astype(np.float64)
    own = owner[:, None] == np.arange(scores.shape[1])
    best = np.where(own, wide, -np.inf).max(axis=0)
    asked = np.isfinite(best)
    ahead, own = wide[:, asked] - best[asked], own[:, asked]
    level = np.abs(ahead) <= TIE
    return (ahead > TIE).sum(axis=0), (level & own).sum(axis=0), (level & ~own).sum(axis=0)


def _miss(own: NDArray[np.intp], others: NDArray[np.intp], drawn: NDArray[np.intp]) -> NDArray[np.float64]:
    """Chance of no own text among `drawn` of `own + others`, `(n,)` each: C(t, k) / C(t + m, k) as a product."""
    chance = np.ones(len(own))
    for i in range(max(0, int(drawn.max(initial=0)))):
        step = np.maximum(others - i, 0) / np.maximum(own + others - i, 1)
        chance = np.where(i < drawn, chance * step, chance)
    return chance
