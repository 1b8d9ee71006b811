"""Rasters of values, such as night lights or land cover: samples as they are stored, read window by window."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trsllava.raster.damage import unreadable
from trsllava.raster.footprint import footprint_of, projected
from trsllava.records import Footprint, Window

if TYPE_CHECKING:
    from affine import Affine
    from rasterio.crs import CRS

Floats = NDArray[np.float64]

_METRES_A_DEGREE = 6_371_008.8 * math.pi / 180
"""On a sphere of the Earth's mean radius."""


@dataclass(frozen=True)
class Grid:
    """Cells on the Earth: a size in cells, a geotransform from cells to the CRS's coordinates, and the CRS."""

    width: int
    height: int
    transform: Affine
    crs: CRS

    def coarser(self, side: int) -> Grid:
        """The grid of cells that are `side` times larger; the last of a row or column may reach over the edge."""
        from affine import Affine

        a, b, c, d, e, f = self.transform[:6]
        transform = Affine(side * a, side * b, c, side * d, side * e, f)
        return Grid(math.ceil(self.width / side), math.ceil(self.height / side), transform, self.crs)

    def degrees(self, cols: ArrayLike, rows: ArrayLike) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of points in cells: (0, 0) is the outer corner of the first, (0.5, 0.5) its centre.

        Not finite where a point lies off the Earth.
        """
        cols, rows = np.asarray(cols, np.float64).ravel(), np.asarray(rows, np.float64).ravel()
        return _transformed(self.crs, "EPSG:4326", *_apply(self.transform, cols, rows))

    def cells(self, longitudes: ArrayLike, latitudes: ArrayLike) -> tuple[Floats, Floats]:
        """Columns and rows, with their fractions, of points in degrees; they may lie outside of the grid."""
        x, y = _transformed("EPSG:4326", self.crs, np.atleast_1d(longitudes), np.atleast_1d(latitudes))
        return _apply(~self.transform, x, y)

    def cells_of(self, other: Grid, cols: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Columns and rows in this grid of points that are given in the cells of another."""
        x, y = _apply(other.transform, cols, rows)
        if self.crs != other.crs:
            x, y = _transformed(other.crs, self.crs, x, y)
        return _apply(~self.transform, x, y)

    def footprint(self, window: Window) -> Footprint | None:
        """Where a window of cells lies; None where no point of it is on the Earth."""
        return footprint_of(self.transform, self.crs, window)

    def areas(self) -> Floats:
        """`(height,)`: square kilometres of a cell of each row, taken at its middle column; NaN off the Earth."""
        (x1, y1), (x2, y2) = self._sides(np.full(self.height, self.width / 2), np.arange(0.5, self.height))
        areas: Floats = np.abs(x1 * y2 - x2 * y1) / 1e6
        return areas

    def metres(self, col: float, row: float) -> tuple[float, float]:
        """Width and height of a cell on the ground."""
        (x1, y1), (x2, y2) = self._sides(np.array([col]), np.array([row]))
        return float(np.hypot(x1, y1)[0]), float(np.hypot(x2, y2)[0])

    def _sides(self, cols: Floats, rows: Floats) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """Metres to the east and to the north from points to a column further, and to a row further."""
        x, y = self.degrees(cols, rows)
        steps = []
        for right, down in ((1, 0), (0, 1)):
            x2, y2 = self.degrees(cols + right, rows + down)
            east = ((x2 - x + 180) % 360 - 180) * np.cos(np.radians(y))
            steps.append((east * _METRES_A_DEGREE, (y2 - y) * _METRES_A_DEGREE))
        return steps[0], steps[1]


@dataclass(frozen=True)
class ValueRaster:
    """An open band of a raster."""

    grid: Grid
    _dataset: Any
    _band: int

    def read(self, window: Window) -> Floats:
        """`(window.height, window.width)` float64, NaN where there is no data. The window lies within the raster."""
        from rasterio import windows

        samples = self._dataset.read(self._band, window=windows.Window(*window), masked=True)
        values: Floats = samples.astype(np.float64).filled(np.nan)
        values[~np.isfinite(values)] = np.nan
        return values


@contextmanager
def opened_values(path: Path, band: int = 1) -> Iterator[ValueRaster]:
    """A band of a GeoTIFF, to be read in windows.

    Raises ImageError, one sentence with path and reason: no TIFF, damaged, without a place on the Earth, no such band.
    """
    from trsllava.raster.geotiff import opened

    with opened(path) as dataset:
        if not 1 <= band <= dataset.count:
            raise unreadable(path, f"it has no band {band}, only {dataset.count}")
        crs = dataset.crs
        if crs is None or dataset.transform.is_identity or not (crs.is_geographic or crs.is_projected):
            raise unreadable(path, "it does not say where on the Earth it lies; write it as a GeoTIFF with a CRS")
        yield ValueRaster(Grid(dataset.width, dataset.height, dataset.transform, crs), dataset, band)


def grid_of(path: Path) -> Grid:
    """Where a raster lies, from its header alone. Raises ImageError as `opened_values` does."""
    with opened_values(path) as raster:
        return raster.grid


def _apply(transform: Affine, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    a, b, c, d, e, f = transform[:6]
    return a * x + b * y + c, d * x + e * y + f


def _transformed(source: CRS | str, target: CRS | str, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    points = projected(source, target, np.asarray(x, np.float64), np.asarray(y, np.float64))
    return points[:, 0], points[:, 1]
