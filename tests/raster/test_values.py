"""Rasters of values, and where their cells lie."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from rasterio.crs import CRS

from trsllava.errors import ImageError, InputError
from trsllava.raster.values import Grid, grid_of, opened_values
from trsllava.records import Window

WGS84 = CRS.from_epsg(4326)
NORTH_UP = Affine(0.5, 0, 10, 0, -0.5, 50)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64"])
def test_values_come_as_they_are_stored_and_nodata_as_nan(dtype: str, write_tiff: Callable[..., Path]) -> None:
    samples = np.arange(24).reshape(2, 3, 4).astype(dtype)
    path = write_tiff(samples, crs="EPSG:4326", transform=NORTH_UP, nodata=17)
    with opened_values(path, band=2) as raster:
        found = raster.read(Window(0, 1, 3, 2))

    np.testing.assert_array_equal(found, [[16, np.nan, 18], [20, 21, 22]])


def test_what_is_not_finite_is_no_data(write_tiff: Callable[..., Path]) -> None:
    samples = np.array([[[1, np.inf], [np.nan, -np.inf]]], np.float32)
    with opened_values(write_tiff(samples, crs="EPSG:4326", transform=NORTH_UP)) as raster:
        np.testing.assert_array_equal(raster.read(Window(0, 0, 2, 2)), [[1, np.nan], [np.nan, np.nan]])


def test_a_raster_without_a_place_or_the_band_is_told(write_tiff: Callable[..., Path]) -> None:
    samples = np.zeros((1, 3, 4), np.uint8)
    with pytest.raises(ImageError, match="where on the Earth"):
        grid_of(write_tiff(samples))
    placed = write_tiff(samples, crs="EPSG:4326", transform=NORTH_UP)
    with pytest.raises(ImageError, match="no band 2, only 1"), opened_values(placed, band=2):
        pass


def test_errors_of_those_who_read_are_not_taken_for_damage(write_tiff: Callable[..., Path]) -> None:
    path = write_tiff(np.zeros((1, 3, 4), np.uint8), crs="EPSG:4326", transform=NORTH_UP)
    with pytest.raises(InputError, match="mine"), opened_values(path):
        raise InputError("mine")


@pytest.mark.parametrize("epsg", [4326, 3857, 32632])
def test_degrees_and_cells_are_each_others_inverse(epsg: int) -> None:
    crs = CRS.from_epsg(epsg)
    step = 0.01 if crs.is_geographic else 1000.0
    start = (10, 50) if crs.is_geographic else (600_000, 5_500_000)
    grid = Grid(7, 5, Affine(step, 0, start[0], 0, -step, start[1]), crs)
    cols, rows = grid.cells(*grid.degrees([0, 3.5, 7], [0, 2.25, 5]))

    np.testing.assert_allclose(cols, [0, 3.5, 7], atol=1e-6)
    np.testing.assert_allclose(rows, [0, 2.25, 5], atol=1e-6)


def test_cells_of_another_projection_are_the_same_places() -> None:
    degrees = Grid(10, 10, Affine(0.1, 0, 9, 0, -0.1, 50), WGS84)
    utm = Grid(10, 10, Affine(1000, 0, 500_000, 0, -1000, 5_500_000), CRS.from_epsg(32632))
    cols, rows = degrees.cells_of(utm, np.array([2.0, 5.0]), np.array([3.0, 4.0]))

    np.testing.assert_allclose(degrees.degrees(cols, rows), utm.degrees([2.0, 5.0], [3.0, 4.0]), atol=1e-9)


@pytest.mark.parametrize("turned", [False, True])
def test_areas_of_all_cells_of_the_earth_add_up_to_the_earth(turned: bool) -> None:
    transform = Affine(0, 1, -180, -1, 0, 90) if turned else Affine(1, 0, -180, 0, -1, 90)
    grid = Grid(360, 180, transform, WGS84)
    if turned:
        assert grid.metres(30, 90) == pytest.approx((111_195, 111_195 * math.cos(math.radians(60))), rel=1e-3)
    else:
        assert grid.areas().sum() * 360 == pytest.approx(510.07e6, rel=0.01)


def test_mercator_cells_are_as_large_as_their_ground() -> None:
    grid = Grid(2, 2, Affine(100, 0, 0, 0, -100, 8_399_738), CRS.from_epsg(3857))  # 60 degrees north

    assert grid.metres(1, 1) == pytest.approx((50, 50), rel=5e-3)
    assert grid.areas() == pytest.approx([0.0025, 0.0025], rel=5e-3)


def test_a_coarser_grid_reaches_over_the_edge() -> None:
    found = Grid(7, 5, NORTH_UP, WGS84).coarser(3)

    assert (found.width, found.height, found.transform[:6]) == (3, 2, (1.5, 0, 10, 0, -1.5, 50))
