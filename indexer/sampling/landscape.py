"""How mixed is the land cover? The landscape index at three levels.

Eq. 9 of LuojiaHOG (Zhao et al., arXiv 2403.10887), after Chen et al. (Science China Earth Sciences 59, 2016).

    LSI = 1/4 · Σ b_p / √q

over q pixels, where b_p counts the four neighbours of pixel p that are of another class. Neighbours beyond the raster
and those without data are of no class. The pixels are a region's (rLSI), those of one class in it (cLSI), or those of
one class in one unit (uLSI). A unit is a cell of the value raster.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.sampling.neighbours import Floats
from trsllava.errors import InputError
from trsllava.raster.values import Grid, ValueRaster, opened_values
from trsllava.records import Window

_SIDE = 1024
"""Pixels of land cover that are looked through at once, a side."""
_CLASSES = 1 << 16

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Landscape:
    """The land cover of units: a row for each class in each unit, in order of unit and class."""

    units: Codes
    """Flat index of a cell of the value raster."""
    classes: Codes
    """Codes of the land-cover raster."""
    pixels: Codes
    edges: Codes
    """Σ b_p over those pixels."""

    def unit_index(self) -> Floats:
        """uLSI of each row."""
        return index(self.edges, self.pixels)


def index(edges: Codes, pixels: Codes) -> Floats:
    """Eq. 9 from Σ b_p and q."""
    found: Floats = edges / (4 * np.sqrt(pixels))
    return found


def differing_neighbours(classes: Codes) -> Codes:
    """`(h, w)`: b_p of each pixel, its four neighbours that are of another class. -1 is no class."""
    found = np.zeros(classes.shape, np.int64)
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        differ = (classes[one] != classes[other]) & (classes[one] >= 0) & (classes[other] >= 0)
        found[one] += differ
        found[other] += differ
    return found


def read_landscape(path: Path, cells: Grid, wanted: NDArray[np.bool_]) -> Landscape:
    """Count a land-cover raster by unit and class, in windows; only units that are `wanted`, `(h, w)`, are looked at.

    A pixel belongs to the unit that its centre lies in. Raises ImageError; InputError where codes are no whole numbers
    from 0 to 65,535.
    """
    keys: list[Codes] = []
    pixels: list[Codes] = []
    edges: list[Codes] = []
    with opened_values(path) as raster:
        for window in _windows(raster.grid, cells, wanted):
            units = units_of(raster.grid, cells, window)
            units[units >= 0] = np.where(wanted.flat[units[units >= 0]], units[units >= 0], -1)
            if not (units >= 0).any():
                continue
            classes, differing = _read(path, raster, window)
            seen = (units >= 0) & (classes >= 0)
            found, place = np.unique(units[seen] * _CLASSES + classes[seen], return_inverse=True)
            keys.append(found)
            pixels.append(np.bincount(place, minlength=len(found)))
            edges.append(np.bincount(place, differing[seen], len(found)).astype(np.int64))
    return _joined(keys, pixels, edges)


def units_of(grid: Grid, cells: Grid, window: Window) -> Codes:
    """`(window.height, window.width)`: the flat index of the cell that each pixel's centre lies in; -1: none."""
    cols = np.arange(window.width, dtype=np.float64) + window.col + 0.5
    rows = np.arange(window.height, dtype=np.float64) + window.row + 0.5
    if _parallel(grid, cells):
        col, _ = cells.cells_of(grid, cols, np.full_like(cols, rows[0]))
        _, row = cells.cells_of(grid, np.full_like(rows, cols[0]), rows)
        return _flat(cells, col[None, :], row[:, None])
    across, down = np.meshgrid(cols, rows)
    col, row = cells.cells_of(grid, across.ravel(), down.ravel())
    return _flat(cells, col, row).reshape(window.height, window.width)


def _parallel(grid: Grid, cells: Grid) -> bool:
    """True where columns run along columns and rows along rows."""
    turns = [(one.transform.b, one.transform.d) for one in (grid, cells)]
    return grid.crs == cells.crs and turns == [(0, 0), (0, 0)]


def _flat(cells: Grid, col: Floats, row: Floats) -> Codes:
    """Flat indexes of cells; -1 beyond the grid and where a column or row is not a number."""
    places = []
    for place, length in ((col, cells.width), (row, cells.height)):
        with np.errstate(invalid="ignore"):
            inside = (place >= 0) & (place < length)
        places.append(np.where(inside, np.nan_to_num(place), -1).astype(np.int64))
    return np.where((places[0] >= 0) & (places[1] >= 0), places[1] * cells.width + places[0], -1)


def read_classes(path: Path, raster: ValueRaster, window: Window) -> Codes:
    """Codes of a window, -1 where there is no data. Raises InputError."""
    values = raster.read(window)
    values[np.isnan(values)] = -1
    classes = values.astype(np.int64)
    if (classes != values).any() or classes.max(initial=0) >= _CLASSES or classes.min(initial=0) < -1:
        raise InputError(f"{path} is no land-cover raster: its values are not all whole numbers from 0 to 65,535.")
    return classes


def _read(path: Path, raster: ValueRaster, window: Window) -> tuple[Codes, Codes]:
    """Classes of a window and how many neighbours of each differ, those outside of the window included."""
    col, row = max(0, window.col - 1), max(0, window.row - 1)
    right = min(raster.grid.width, window.col + window.width + 1)
    bottom = min(raster.grid.height, window.row + window.height + 1)
    around = read_classes(path, raster, Window(col, row, right - col, bottom - row))
    top, left = window.row - row, window.col - col
    inside = np.s_[top : top + window.height, left : left + window.width]
    return around[inside], differing_neighbours(around)[inside]


def _windows(grid: Grid, cells: Grid, wanted: NDArray[np.bool_]) -> Iterator[Window]:
    """Windows of the land-cover raster that may hold pixels of wanted units."""
    for row in range(0, grid.height, _SIDE):
        for col in range(0, grid.width, _SIDE):
            window = Window(col, row, min(_SIDE, grid.width - col), min(_SIDE, grid.height - row))
            if _touches(grid, cells, window, wanted):
                yield window


def _touches(grid: Grid, cells: Grid, window: Window, wanted: NDArray[np.bool_]) -> bool:
    """By the box around a lattice of the window's points, one cell wider on each side."""
    cols, rows = np.meshgrid(
        np.linspace(window.col, window.col + window.width, 9), np.linspace(window.row, window.row + window.height, 9)
    )
    col, row = cells.cells_of(grid, cols.ravel(), rows.ravel())
    if not (np.isfinite(col).all() and np.isfinite(row).all()):
        return True
    left, top = max(0, int(col.min()) - 1), max(0, int(row.min()) - 1)
    return bool(wanted[top : max(0, int(row.max()) + 2), left : max(0, int(col.max()) + 2)].any())


def _joined(keys: list[Codes], pixels: list[Codes], edges: list[Codes]) -> Landscape:
    empty = np.empty(0, np.int64)
    every, place = np.unique(np.concatenate([empty, *keys]), return_inverse=True)
    sums = [
        np.bincount(place, np.concatenate([empty, *parts]), len(every)).astype(np.int64) for parts in (pixels, edges)
    ]
    return Landscape(every // _CLASSES, every % _CLASSES, *sums)
