"""How far chances lie from what proved true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trsllava.encoders.protocol import FloatArray


def calibration_error(chances: FloatArray, true: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error, 0…1: mean distance of chances `(n,)` from the share of `true` `(n,)` beside them.

    Half of what was called 80 % sure is true, and so is all of what was called 30 % sure:

    >>> chances = np.array([0.8, 0.8, 0.3, 0.3], np.float32)
    >>> round(calibration_error(chances, np.array([True, False, True, True])), 2)
    0.5

    Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, eq. 3.
    """
    slot = np.minimum((chances * bins).astype(int), bins - 1)
    gaps = [
        abs(chances[slot == place].mean() - true[slot == place].mean()) * np.mean(slot == place)
        for place in range(bins)
        if (slot == place).any()
    ]
    return float(np.sum(gaps))
