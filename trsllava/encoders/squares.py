"""Pictures as networks take them: squares of one size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from trsllava.encoders.protocol import FloatArray
from trsllava.records import Picture


def squares(
    pictures: Sequence[Picture], size: int, resampling: Image.Resampling = Image.Resampling.BICUBIC
) -> FloatArray:
    """Pictures of any size stretched to `(n, 3, size, size)` float32 in 0…1; `resampling` as the network learnt it."""
    pixels = np.stack([square(picture, size, resampling) for picture in pictures]).transpose(0, 3, 1, 2)
    return np.asarray(pixels / np.float32(255), np.float32)


def square(picture: Picture, size: int, resampling: Image.Resampling) -> Picture:
    """A picture of any size stretched to `(size, size, 3)` uint8."""
    return np.asarray(Image.fromarray(picture).convert("RGB").resize((size, size), resampling))
