"""Normalised discounted cumulative gain of shared labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eval.metrics.shared_labels import LabelRanking


def ndcg(ranking: LabelRanking, n: int) -> float:
    """NDCG@n = DCG@n / Z_n, DCG@n = Σ_{i≤n} (2^C(q,i) - 1) / log2(1 + i), 0 to 1.

    Z_n is the DCG@n of the whole collection in its best order, not of the items found. 0 where no item of the
    collection shares a label. Ties count in expectation: the gain at a rank is its group's mean.

    Three items that share 0, 1 and 2 labels, ranked in that order: (1/1.585 + 3/2) / (3 + 1/1.585 + 0).

    >>> from eval.metrics.shared_labels import rank_labels
    >>> ranking = rank_labels(np.float32([0.9, 0.8, 0.7]), np.array([0, 1, 2]), depth=3)
    >>> round(ndcg(ranking, 3), 4), ndcg(ranking, 1)
    (0.5869, 0.0)

    Source: LuojiaHOG (Zhao et al., arXiv 2403.10887), eq. 27, which leaves the base of the logarithm open: it cancels
    out. The gain 2^C - 1 is that of Burges et al., ICML 2005; ties: McSherry & Najork, ECIR 2008.
    """
    best = _discounted(ranking.ideal, n)
    gains = ranking.mean_by_rank(_gain(ranking.shared))[:n]
    return float((gains / _discount(len(gains))).sum() / best) if best else 0.0


def _discounted(shared: NDArray[np.int64], n: int) -> float:
    gains = _gain(shared[:n])
    return float((gains / _discount(len(gains))).sum())


def _gain(shared: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.exp2(shared.astype(np.float64)) - 1


def _discount(n: int) -> NDArray[np.float64]:
    """log2(1 + i) for i from 1 to n."""
    return np.log2(1 + np.arange(1, n + 1, dtype=np.float64))
