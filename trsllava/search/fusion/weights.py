"""The weights of branches: the default ones, and as fusions take them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from trsllava.errors import InputError, Parameter
from trsllava.records import Term
from trsllava.store.protocol import FloatArray

DEFAULT_WEIGHTS: Mapping[Term, float] = {"dense": 1.0, "bm25": 0.05, "image": 1.5, "rerank": 1.0}
"""Of each branch in the fused score, and of the re-ranker. As a standard score, a match of rare words is large enough
to count at so little weight, and one of common words is not (docs/measurements/fusion.md)."""


def column(weights: FloatArray, dimensions: int) -> NDArray[np.float64]:
    """Weights `(b,)` as float64 `(b, 1, …)` of so many dimensions. Raises InputError for invalid weights."""
    if not np.isfinite(weights).all() or (weights < 0).any() or not (weights > 0).any():
        given = ", ".join(f"{weight:g}" for weight in weights)
        raise InputError(Parameter("weights"), f" must be at least 0, and one of them above zero; these are {given}.")
    return weights.astype(np.float64).reshape(-1, *[1] * (dimensions - 1))
