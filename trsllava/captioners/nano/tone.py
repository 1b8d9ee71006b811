"""The colours of a whole picture in words: all that can be said of a picture that shows nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_EVEN = 0.04
"""Standard deviation of brightness, 0…1, below which a picture is even."""
_COLOURED = 0.12
"""Distance of the strongest channel from the weakest, 0…1, from which a colour has a name."""
_HUES = ("red", "yellow", "green", "cyan", "blue", "purple")


def tone_words(picture: NDArray[np.uint8]) -> str:
    """As in `an even black surface` or `an uneven pattern, grey on the whole`; `picture`: `(h, w, 3)` RGB."""
    pixels = np.asarray(picture, np.float32).reshape(-1, 3) / 255
    name = _name(pixels.mean(0))
    if pixels.mean(1).std() < _EVEN and pixels.std(0).max() < 2 * _EVEN:
        return f"an even {name} surface"
    return f"an uneven pattern, {name} on the whole"


def _name(mean: NDArray[np.float32]) -> str:
    low, high = float(mean.min()), float(mean.max())
    light = "dark " if high < 0.35 else "light " if low > 0.65 else ""
    if high - low >= _COLOURED:
        return light + _HUES[_sixth(mean, low, high)]
    if high < 0.08:
        return "black"
    return "white" if low > 0.92 else f"{light}grey"


def _sixth(mean: NDArray[np.float32], low: float, high: float) -> int:
    red, green, blue = (float(channel) for channel in mean)
    if high == red:
        turn = (green - blue) / (high - low)
    elif high == green:
        turn = 2 + (blue - red) / (high - low)
    else:
        turn = 4 + (red - green) / (high - low)
    return round(turn) % 6
