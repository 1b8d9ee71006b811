"""Recall at K, text to image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eval.metrics.recall import Owner, Recall, ScoreMatrix
from trsllava.search.fusion import TIE


def recall_t2i(scores: ScoreMatrix, owner: Owner, ks: Sequence[int]) -> dict[int, Recall]:
    """Each text ranks all images; it hits where its own image is among the first K.

    With g images strictly better than the own one and t others tied with it (within `TIE`), random tie-breaking
    hits with probability clip((K - g) / (t + 1), 0, 1).

    Args:
        scores: `(q, n)` float32, q and n at least 1.
        owner: `(q,)` column of each text's own image.
        ks: the values of K.

    Source: McSherry & Najork, "Computing Information Retrieval Performance Measures Efficiently in the Presence of
    Tied Scores", ECIR 2008.
    """
    wide = scores.astype(np.float64)
    ahead = wide - wide[np.arange(len(owner)), owner][:, None]
    better = (ahead > TIE).sum(axis=1)
    tied = (np.abs(ahead) <= TIE).sum(axis=1) - 1
    return {
        k: Recall(
            expected=float(np.clip((k - better) / (tied + 1), 0, 1).mean()),
            optimistic=float((better < k).mean()),
            pessimistic=float((better + tied < k).mean()),
        )
        for k in ks
    }
