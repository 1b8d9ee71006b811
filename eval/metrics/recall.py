"""What a recall is made of when scores tie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ScoreMatrix = NDArray[np.float32]
"""`(q, n)`: row i holds the scores of text query i with every image."""
Owner = NDArray[np.intp]
"""`(q,)`: the image (column) that each text belongs to."""


@dataclass(frozen=True)
class Recall:
    """Share of queries, 0 to 1, with a hit among the first K: over random orders of tied items, and its bounds."""

    expected: float
    optimistic: float
    """Ties broken in favour of the right answer."""
    pessimistic: float
    """Ties broken against the right answer."""
