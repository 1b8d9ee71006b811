"""Scores as standard scores: how many standard deviations above the mean of their branch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trsllava.search.fusion.ranking import TIE
from trsllava.store.protocol import FloatArray


def moments(scores: FloatArray) -> FloatArray:
    """Mean and (population) standard deviation along the last axis: `(…, n)` to `(…, 2)` float32."""
    wide = scores.astype(np.float64)
    return np.stack([wide.mean(axis=-1), wide.std(axis=-1)], axis=-1).astype(np.float32)


def standardize(scores: FloatArray, given: FloatArray | None) -> NDArray[np.float64]:
    """z = (s - mean) / std, `(…, n)` float64; 0 throughout where std is nothing but rounding (at most `TIE`)."""
    mean_std = (moments(scores) if given is None else given).astype(np.float64)
    mean, std = mean_std[..., :1], mean_std[..., 1:]
    z: NDArray[np.float64] = np.where(std > TIE, (scores - mean) / np.where(std > TIE, std, 1.0), 0.0)
    return z
