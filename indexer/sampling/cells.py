"""The cells of a value raster: its pixels, or means of square blocks of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.sampling.area import WHOLE_EARTH, Area
from indexer.sampling.neighbours import Floats
from trsllava.errors import InputError, Parameter
from trsllava.raster.values import Grid, opened_values
from trsllava.records import Window

_PART_PIXELS = 1 << 22
"""Pixels that are read at once."""
MOST_CELLS = 50_000_000
"""At some 80 bytes each, 4 GB of memory."""


@dataclass(frozen=True)
class Cells:
    """A grid and its values."""

    grid: Grid
    values: Floats
    """`(grid.height, grid.width)`, NaN where there is no data or outside of the area."""


def read_cells(path: Path, *, side: int = 1, band: int = 1, area: Area | None = None) -> Cells:
    """Read a raster in parts: a cell holds the mean of its `side` × `side` pixels with data.

    Raises ImageError; InputError for more cells than memory should hold.
    """
    with opened_values(path, band) as raster:
        pixels, grid = raster.grid, raster.grid.coarser(side)
        if grid.width * grid.height > MOST_CELLS:
            least = int(np.ceil((pixels.width * pixels.height / MOST_CELLS) ** 0.5))
            raise InputError(
                f"{path} has {grid.width * grid.height:,} cells, more than the {MOST_CELLS:,} that fit into memory. "
                "Make cells of several pixels: ",
                Parameter("cell", max(side + 1, least)),
                ".",
            )
        values = np.full((grid.height, grid.width), np.nan)
        rows = max(1, _PART_PIXELS // (pixels.width * side))
        for top in range(0, grid.height, rows):
            bottom = min(grid.height, top + rows)
            last = min(pixels.height, bottom * side)
            part = raster.read(Window(0, top * side, pixels.width, last - top * side))
            values[top:bottom] = part if side == 1 else _means(part, side)
            if area is not None and (area.polygons or area.box != WHOLE_EARTH):
                _blank_outside(values, grid, area, top, bottom)
    return Cells(grid, values)


def _means(part: Floats, side: int) -> Floats:
    height, width = (-(-length // side) for length in part.shape)
    padded = np.full((height * side, width * side), np.nan)
    padded[: part.shape[0], : part.shape[1]] = part
    blocks = padded.reshape(height, side, width, side)
    counts = np.count_nonzero(~np.isnan(blocks), axis=(1, 3))
    with np.errstate(invalid="ignore"):
        means: Floats = np.nansum(blocks, axis=(1, 3)) / counts
    return means


def _blank_outside(values: Floats, grid: Grid, area: Area, top: int, bottom: int) -> None:
    cols, rows = np.meshgrid(np.arange(grid.width) + 0.5, np.arange(top, bottom) + 0.5)
    inside = area.holds(*grid.degrees(cols, rows)).reshape(bottom - top, grid.width)
    values[top:bottom][~inside] = np.nan
