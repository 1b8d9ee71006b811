"""How evenly samples spread over classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def evenness(counts: NDArray[np.number]) -> float:
    """1 where all classes have as many samples, 0 where one has all of them or there is no sample.

    Pielou's index: Shannon's entropy over that of equal shares (Journal of Theoretical Biology 13, 1966).
    """
    total = float(counts.sum())
    if len(counts) < 2 or total == 0:
        return 0.0
    shares = counts[counts > 0] / total
    return float(-(shares * np.log(shares)).sum() / np.log(len(counts))) + 0.0
