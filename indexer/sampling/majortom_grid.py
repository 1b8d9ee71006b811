"""Major TOM's grid (Francis and Czerkawski, arXiv 2402.12095): cells of nearly equal area, named as in its data sets.

Rows are as high as divides the Earth's half circumference into whole parts of at most the given distance; each row is
divided in the same way at its southern edge. Row 0U lies on the equator's north side and 1D on its south side; column
0R begins at Greenwich and 1L ends there. The radius is the equator's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trsllava.records import Footprint

_RADIUS = 6378.137
_LIMIT = 85.0
"""Degrees: rows that begin beyond are left out, as in Major TOM."""

_SLACK = 1e-9
"""Degrees that rounding may put the last cell's edge beyond the dateline."""


@dataclass(frozen=True)
class GridCell:
    """A cell, by its signed row and column."""

    row: int
    col: int
    box: Footprint

    @property
    def name(self) -> str:
        """`123U_456L`."""
        across = f"{self.col}R" if self.col >= 0 else f"{-self.col}L"
        return (f"{self.row}U_" if self.row >= 0 else f"{-self.row}D_") + across

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude."""
        longitude = (self.box.west + self.box.unwrapped_east) / 2
        return longitude - 360 if longitude >= 180 else longitude, (self.box.south + self.box.north) / 2


@dataclass(frozen=True)
class GridRow:
    """Neighbouring cells of one row."""

    number: int
    """The row's."""
    first: int
    """Column of the westernmost, counted on around the Earth."""
    count: int
    width: float
    """Degrees of longitude of a cell."""
    height: float
    """Degrees of latitude."""

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitudes and latitudes, `(count,)` each."""
        counted_on = np.arange(self.first + 0.5, self.first + self.count, dtype=np.float64) * self.width
        longitudes = np.asarray((counted_on + 180) % 360 - 180, np.float64)
        return longitudes, np.full(self.count, (self.number + 0.5) * self.height)


@dataclass(frozen=True)
class MajorTomGrid:
    """The grid for a distance in kilometres."""

    km: float = 10.0

    def __post_init__(self) -> None:
        self.height  # noqa: B018 - a distance that cannot be fails here

    @property
    def height(self) -> float:
        """Degrees of latitude of a row."""
        return 180 / math.ceil(math.pi * _RADIUS / self.km)

    def columns(self, row: int) -> int:
        """Number of cells in a row."""
        around = 2 * math.pi * _RADIUS * math.cos(math.radians(row * self.height))
        return max(1, math.ceil(around / self.km))

    def cell_at(self, longitude: float, latitude: float) -> GridCell:
        """The cell that holds a point; its western and southern edges belong to it."""
        row = math.floor(latitude / self.height)
        width = 360 / self.columns(row)
        return self.cell(row, math.floor(((longitude + 180) % 360 - 180) / width))

    def cell(self, row: int, col: int) -> GridCell:
        """The cell of a signed row and column, counted on around the Earth. One in a row may cross the dateline."""
        count, south = self.columns(row), row * self.height
        col = (col + count // 2) % count - count // 2
        width = 360 / count
        west, east = col * width, (col + 1) * width
        box = Footprint(
            west=west,
            south=max(-90.0, south),
            east=east - 360 if east > 180 + _SLACK else min(180.0, east),
            north=min(90.0, south + self.height),
        )
        return GridCell(row, col, box)

    def cells_in(self, box: Footprint) -> Iterator[GridCell]:
        """The cells whose centres lie in a box, from south to north and from west to east."""
        for row in self.rows_in(box):
            for number in range(row.count):
                yield self.cell(row.number, row.first + number)

    def rows_in(self, box: Footprint) -> Iterator[GridRow]:
        """The same, row by row: a whole Earth of cells is counted without one of them being made."""
        south, north = max(box.south, -_LIMIT), min(box.north, _LIMIT)
        for row in range(math.floor(south / self.height), math.floor(north / self.height) + 1):
            if not (box.south <= (row + 0.5) * self.height <= box.north and abs(row * self.height) <= _LIMIT):
                continue
            count = self.columns(row)
            first = math.ceil(box.west * count / 360 - 0.5)
            last = math.floor(box.unwrapped_east * count / 360 - 0.5)
            if last >= first:
                yield GridRow(row, first, min(last + 1 - first, count), 360 / count, self.height)
