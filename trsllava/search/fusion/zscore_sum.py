"""Sum of standard scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trsllava.search.fusion.standard_scores import standardize
from trsllava.search.fusion.weights import column
from trsllava.store.protocol import FloatArray


@dataclass(frozen=True)
class ZScoreSum:
    """The term of a tile is w_b (s - mean_b) / std_b, with the query's mean and standard deviation in branch b.

    A branch that cannot tell the tiles apart (std 0) says nothing: its terms are 0.

    Source: ZMUV normalisation with CombSUM: Montague & Aslam, "Relevance Score Normalization for Metasearch",
    CIKM 2001; Fox & Shaw, "Combination of Multiple Searches", TREC-2 1994.
    """

    def terms(self, scores: FloatArray, moments: FloatArray | None, weights: FloatArray) -> FloatArray:
        """As in `Fusion.terms`."""
        w = column(weights, scores.ndim)
        return (w * standardize(scores, moments)).astype(np.float32)
