"""The weights of branches, as fusions take them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trsllava.errors import InputError, Parameter
from trsllava.store.protocol import FloatArray


def column(weights: FloatArray, dimensions: int) -> NDArray[np.float64]:
    """Weights `(b,)` as float64 `(b, 1, …)` of so many dimensions. Raises InputError for invalid weights."""
    if not np.isfinite(weights).all() or (weights < 0).any() or not (weights > 0).any():
        given = ", ".join(f"{weight:g}" for weight in weights)
        raise InputError(Parameter("weights"), f" must be at least 0, and one of them above zero; these are {given}.")
    return weights.astype(np.float64).reshape(-1, *[1] * (dimensions - 1))
