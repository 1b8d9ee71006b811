"""EXIF orientation where a file is read in parts: windows of the upright picture, and pixels turned to match."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trsllava.records import Window


@dataclass(frozen=True)
class Orientation:
    """How stored pixels become the upright picture (EXIF 2.32, tag 274): perhaps transposed, then mirrored."""

    number: int = 1
    """1 to 8; 1: they are upright."""

    @property
    def transposed(self) -> bool:
        """True where the upright picture is as wide as the stored one is high."""
        return self.number >= 5

    def stored(self, window: Window, width: int, height: int) -> Window:
        """The stored pixels of a window of the upright picture, which is `width` by `height` pixels."""
        col, row = window.col, window.row
        if self._mirrored_across:
            col = width - col - window.width
        if self._mirrored_down:
            row = height - row - window.height
        if self.transposed:
            return Window(row, col, window.height, window.width)
        return Window(col, row, window.width, window.height)

    def turn(self, samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Stored `(c, h, w)` samples set upright."""
        turned = samples.swapaxes(1, 2) if self.transposed else samples
        return turned[:, :: -1 if self._mirrored_down else 1, :: -1 if self._mirrored_across else 1]

    @property
    def _mirrored_across(self) -> bool:
        return self.number in (2, 3, 6, 7)

    @property
    def _mirrored_down(self) -> bool:
        return self.number in (3, 4, 7, 8)
