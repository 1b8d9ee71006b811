"""A picture as a chat message carries it."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray

_JPEG_QUALITY = 90


def data_url(pixels: NDArray[np.uint8], max_side: int) -> str:
    """`(h, w, 3)` uint8 RGB as a JPEG data URL, shrunk (never enlarged) until its longest side is `max_side` pixels.

    The same pixels always give the same URL.
    """
    from PIL import Image

    picture = Image.fromarray(pixels)
    picture.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=_JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.getvalue()).decode("ascii")
