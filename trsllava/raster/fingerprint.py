"""Perceptual hashes: pictures that look alike have hashes that differ in few bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = 256
_SIDE = 16
_FLAT = 2.0
"""A picture whose greys, averaged over 32 x 32 fields, deviate less than this has no structure to hash."""


def perceptual_hash(pixels: NDArray[np.uint8]) -> str:
    """The DCT hash of an `(h, w, 3)` uint8 picture as 64 hexadecimal digits (256 bits), or "" for a flat one.

    The signs of the 16 x 16 lowest frequencies against their median (imagehash.phash): re-encoding, resampling and
    mild changes of brightness flip few of them. A flat picture (open water, nodata) gets none, as its bits would be
    noise and all such pictures, blue or black, would be one.
    """
    import imagehash
    from PIL import Image

    picture = Image.fromarray(pixels)
    if np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.BOX), dtype=np.float64).std() < _FLAT:
        return ""
    return str(imagehash.phash(picture, hash_size=_SIDE))
