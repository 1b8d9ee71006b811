"""Where in the picture a thing is, in words, from a coarse grid that was learnt without ever being told."""

from __future__ import annotations

import numpy as np

from trsllava.encoders.protocol import FloatArray

_SPREAD = 0.45
"""Share of the cells that a thing must fill to be everywhere."""
_MOST = 0.6
"""Share of a thing's weight that must lie in a part of the picture for the thing to be there."""


def place_words(grid: FloatArray, sharpness: float, north_up: bool) -> str:
    """As in `around the edges`, or with `north_up` `in the northern half`; empty where the grid does not say.

    Args:
        grid: `(rows, cols)` float32 logits of the thing in each cell.
        sharpness: that of the pooling the grid was trained with: it says what counts.
        north_up: rows run from north to south.
    """
    weight = np.exp(sharpness * (grid - grid.max()))
    weight = weight / weight.sum()
    rows, cols = weight.shape
    if 1 / (weight**2).sum() >= _SPREAD * weight.size:
        return "across the picture"
    above, left = round(rows / 4), round(cols / 4)
    inner = weight[above : rows - above, left : cols - left].sum()
    if inner >= _MOST:
        return "in the middle"
    down, across = weight.sum(1), weight.sum(0)
    sides = {
        "northern": _first_half(down),
        "southern": _first_half(down[::-1]),
        "western": _first_half(across),
        "eastern": _first_half(across[::-1]),
    }
    upright, level = (
        max(pair, key=lambda side: sides[side]) for pair in (("northern", "southern"), ("western", "eastern"))
    )
    if min(sides[upright], sides[level]) >= _MOST + 0.1:
        return f"in the {upright[:5]}-{level} corner" if north_up else "in one corner"
    side = max(sides, key=lambda name: sides[name])
    if sides[side] >= _MOST + 0.15:
        return f"in the {side} half" if north_up else "along one side"
    return "around the edges" if inner <= 0.15 else ""


def _first_half(weight: FloatArray) -> float:
    """Of weights `(n,)`; one in the middle lies half in it."""
    half = len(weight) // 2
    return float(weight[:half].sum() + (weight[half] / 2 if len(weight) % 2 else 0.0))
