"""Sums over a cell's neighbours, by convolution: eq. 1 of LuojiaHOG (Zhao et al., arXiv 2403.10887).

Cells that share a side or a corner are neighbours. Side neighbours lie at distance 1 and weigh 1, corner neighbours
at √2 and weigh 2^(-γ/2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
_Number = TypeVar("_Number", np.float64, np.int8)

_SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))
_CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))
_STRIP_CELLS = 1 << 18
"""Cells that are worked on at once: arrays made on the way stay small, however large the grid."""


@dataclass(frozen=True)
class Weights:
    """The weights of eq. 1 for an exponent γ: 0 makes all neighbours equal."""

    gamma: float = 1.0

    @property
    def corner(self) -> float:
        """The weight of a neighbour that shares a corner."""
        return float(2.0 ** (-self.gamma / 2))

    def lag(self, values: Floats, rows: slice) -> Floats:
        """`(len(rows), w)`: the weighted sum of each cell's neighbours. NaN counts as 0."""
        filled = _with_edge(values, rows)
        filled[np.isnan(filled)] = 0
        return _sum(filled, _SIDES) + self.corner * _sum(filled, _CORNERS)


INVERSE_DISTANCE = Weights()


@dataclass(frozen=True)
class Counts:
    """How many neighbours with data each cell of some rows has."""

    sides: NDArray[np.int8]
    corners: NDArray[np.int8]

    @classmethod
    def of(cls, values: Floats, rows: slice) -> Counts:
        """Count in `(h, w)` values, NaN where there is no data."""
        seen = _with_edge(values, rows)
        valid = (~np.isnan(seen)).astype(np.int8)
        return cls(_sum(valid, _SIDES), _sum(valid, _CORNERS))

    def weight_sums(self, weights: Weights) -> tuple[Floats, Floats]:
        """Of each cell, the sum of its weights and the sum of their squares."""
        corner = weights.corner
        return self.sides + corner * self.corners, self.sides + corner**2 * self.corners


def strips(shape: tuple[int, int]) -> Iterator[slice]:
    """Rows from top to bottom, in parts of some 260,000 cells."""
    height, width = shape
    step = max(1, _STRIP_CELLS // max(1, width))
    for start in range(0, height, step):
        yield slice(start, min(height, start + step))


def _with_edge(values: Floats, rows: slice) -> Floats:
    """The rows with one more cell on each side: NaN beyond the grid."""
    height, width = values.shape
    top, bottom = max(0, rows.start - 1), min(height, rows.stop + 1)
    edged = np.full((rows.stop - rows.start + 2, width + 2), np.nan)
    offset = top - (rows.start - 1)
    edged[offset : offset + bottom - top, 1:-1] = values[top:bottom]
    return edged


def _sum(edged: NDArray[_Number], steps: tuple[tuple[int, int], ...]) -> NDArray[_Number]:
    height, width = edged.shape[0] - 2, edged.shape[1] - 2
    total = np.zeros((height, width), edged.dtype)
    for down, right in steps:
        total += edged[1 + down : 1 + down + height, 1 + right : 1 + right + width]
    return total
