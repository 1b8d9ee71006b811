"""Weighted average precision: the precision counts labels, not items."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

from eval.metrics.shared_labels import LabelRanking


def weighted_ap(ranking: LabelRanking, n: int) -> float:
    """WAP@n = 1/N_n Σ_{i≤n} Tr(q,i) ACG@i; WMAP is its mean over queries.

    Tr(q,i) is 1 where item i shares a label with the query and else 0; N_n counts those *within the first n*, so a
    query that finds a single one at the very top is not blamed for what it misses. 0 where there is none. Not bounded
    by 1. Ties count in expectation, exactly and in closed form (below).

    Items that share 2, 0 and 1 labels: ACG@1 = 2 and ACG@3 = 1 count, ACG@2 does not.

    >>> from eval.metrics.shared_labels import rank_labels
    >>> ranking = rank_labels(np.float32([0.9, 0.8, 0.7]), np.array([2, 0, 1]), depth=3)
    >>> weighted_ap(ranking, 3), weighted_ap(ranking, 2)
    (1.5, 2.0)

    Source: LuojiaHOG (Zhao et al., arXiv 2403.10887), eq. 30; Zhao et al., CVPR 2015.
    """
    return expected_ap(ranking.shared.astype(np.float64), ranking.starts, n)


def expected_ap(gains: NDArray[np.float64], starts: NDArray[np.intp], n: int) -> float:
    """1/N_n Σ_{i≤n} [g_i > 0] (g_1 + … + g_i) / i over random orders of tied items.

    A group of s tied items that begins after rank p, with r relevant ones and the sum of gains S, after gains of G in
    all: at its j-th place the expected summand is (G r/s + S/s + (j-1) S (r-1) / (s (s-1))) / (p + j), as an item is
    met with each of the others equally often. Where the cut at n leaves m of the s places, this is taken for each
    number h of relevant items among them, with its hypergeometric chance: of those m places h hold relevant items of
    the mean gain S/r, and N_n depends on h.

    `gains`: `(k,)`, not negative, best score first, down to rank n or to the collection's end, and to the end of a
    group of ties. `starts`: `(g,)`, where groups of ties begin. `n`: at least 1.

    Source: after McSherry & Najork, ECIR 2008, section 3.
    """
    sizes = np.diff(starts, append=len(gains))
    relevant = np.add.reduceat((gains > 0).astype(np.intp), starts)
    sums = np.add.reduceat(gains, starts)
    earlier = np.cumsum(sums) - sums
    whole = int((starts + sizes <= n).sum())

    group = np.repeat(np.arange(whole), sizes[:whole])
    rank = np.arange(1, len(group) + 1)
    size, found, total = sizes[group], relevant[group], sums[group]
    before = rank - 1 - starts[group]
    met = earlier[group] * found + total + before * total * (found - 1) / np.maximum(size - 1, 1)
    summed = float((met / size / rank).sum())
    hits = int(relevant[:whole].sum())
    left = min(n, len(gains)) - len(group)
    if not left:
        return summed / hits if hits else 0.0
    mean = sums[whole] / max(relevant[whole], 1)
    before, ranks = np.arange(left), len(group) + 1 + np.arange(left)
    expected = 0.0
    for h, chance in enumerate(_chances(int(sizes[whole]), int(relevant[whole]), left)):
        met = h / left * (earlier[whole] + mean + before * mean * (h - 1) / max(left - 1, 1))
        expected += chance * (summed + float((met / ranks).sum())) / max(hits + h, 1)
    return expected


def _chances(size: int, relevant: int, drawn: int) -> list[float]:
    """Hypergeometric chances that 0, 1, … `drawn` of those drawn out of `size` are relevant."""
    ways = comb(size, drawn)
    return [comb(relevant, h) * comb(size - relevant, drawn - h) / ways for h in range(drawn + 1)]
