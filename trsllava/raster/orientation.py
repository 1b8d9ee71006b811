"""EXIF orientation: how it is read and undone, for whole pictures and for files that are read in parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from trsllava.records import Window

_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture of each orientation upright."""


@dataclass(frozen=True)
class Orientation:
    """How stored pixels become the upright picture (EXIF 2.32, tag 274): perhaps transposed, then mirrored."""

    number: int = 1
    """1 to 8; 1: they are upright."""

    @classmethod
    def stated_in(cls, tags: Mapping[int, Any]) -> Self:
        """As EXIF or TIFF tags state it; upright where they state none."""
        number = tags.get(ExifTags.Base.Orientation, 1)
        return cls(number if number in _TRANSPOSITIONS else 1)

    def upright(self, image: Image.Image) -> Image.Image:
        """A picture as it was stored set upright; itself where it is."""
        return image.transpose(_TRANSPOSITIONS[self.number]) if self.number in _TRANSPOSITIONS else image

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
