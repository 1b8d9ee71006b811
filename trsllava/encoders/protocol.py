"""What a text encoder does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


class TextEncoder(Protocol):
    """Turns texts into vectors of one space."""

    @property
    def name(self) -> str:
        """What a collection remembers: two encoders with the same name give the same vectors."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows, in the given order.

        Each distinct text is encoded once; texts longer than the model's limit are counted and warned of.
        """
        ...
