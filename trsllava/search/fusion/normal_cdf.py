"""WEICOM's convex combination of similarities mapped through the normal distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trsllava.search.fusion.standard_scores import standardize
from trsllava.search.fusion.weights import column
from trsllava.store.protocol import FloatArray

_erf = np.vectorize(math.erf, otypes=[np.float64])


@dataclass(frozen=True)
class NormalCdf:
    """The term of a tile is w_b Phi(z), z its standard score in branch b, Phi the normal distribution function and
    the weights scaled to add up to 1; so the fused score lies between 0 and 1.

    Phi comes within `TIE` of 1 at z = 4.75. Good hits of a large archive lie above that, where they tie in this branch
    and their order is lost: for archives of thousands of tiles and more, prefer `ZScoreSum`.

    A branch that cannot tell the tiles apart (std 0) gives all of them w_b Phi(0) = w_b / 2.

    Source: Psomas et al., "Composed Image Retrieval for Remote Sensing" (WEICOM), IGARSS 2024, section 3.3,
    equation 2, where the weights are lambda and 1 - lambda.
    """

    def terms(self, scores: FloatArray, moments: FloatArray | None, weights: FloatArray) -> FloatArray:
        """As in `Fusion.terms`."""
        w = column(weights, scores.ndim)
        phi: NDArray[np.float64] = 0.5 * (1.0 + _erf(standardize(scores, moments) / math.sqrt(2.0)))
        terms: FloatArray = (w / w.sum() * phi).astype(np.float32)
        return terms
