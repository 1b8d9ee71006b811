"""Average cumulative gain."""

from __future__ import annotations

import numpy as np

from eval.metrics.shared_labels import LabelRanking


def acg(ranking: LabelRanking, n: int) -> float:
    """ACG@n = 1/n Σ_{i≤n} C(q, i): how many labels a query shares with one of its first n items, on average.

    Not bounded by 1. A collection of fewer than n items counts as if ranks beyond it shared nothing. Ties count in
    expectation: the gain at a rank is its group's mean.

    >>> from eval.metrics.shared_labels import rank_labels
    >>> ranking = rank_labels(np.float32([0.9, 0.8, 0.7]), np.array([2, 0, 1]), depth=3)
    >>> acg(ranking, 2), acg(ranking, 3)
    (1.0, 1.0)

    Source: LuojiaHOG (Zhao et al., arXiv 2403.10887), eq. 26; Järvelin & Kekäläinen, SIGIR 2000.
    """
    return float(ranking.mean_by_rank(ranking.shared.astype(np.float64))[:n].sum() / n)
