"""Average precision of shared labels."""

from __future__ import annotations

import numpy as np

from eval.metrics.shared_labels import LabelRanking
from eval.metrics.weighted_map import expected_ap


def label_ap(ranking: LabelRanking, n: int) -> float:
    """AP@n = 1/N_n Σ_{i≤n} Tr(q,i) N_i / i, 0 to 1; MAP is its mean over queries.

    Tr(q,i) is 1 where item i shares a label with the query and else 0; N_i counts those within the first i. It divides
    by the relevant items *within the first n*, where trec_eval and ranx divide by those of the whole collection. 0
    where none is within the first n. Ties count in expectation, exactly (`weighted_map.expected_ap`).

    Of items that share 2, 0 and 1 labels the first and third count: (1/1 + 2/3) / 2.

    >>> from eval.metrics.shared_labels import rank_labels
    >>> ranking = rank_labels(np.float32([0.9, 0.8, 0.7]), np.array([2, 0, 1]), depth=3)
    >>> round(label_ap(ranking, 3), 4), label_ap(ranking, 2)
    (0.8333, 1.0)

    Source: LuojiaHOG (Zhao et al., arXiv 2403.10887), eq. 28 and 29.
    """
    return expected_ap((ranking.shared > 0).astype(np.float64), ranking.starts, n)
