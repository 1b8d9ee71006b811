"""The landscape index of eq. 9 at region, class and unit level."""

from __future__ import annotations

from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from rasterio.crs import CRS

from indexer.sampling import landscape
from indexer.sampling.counts import class_counts, region_index
from indexer.sampling.landscape import Landscape, differing_neighbours, read_landscape
from tests.indexer.sampling.world import write_raster
from trsllava.errors import InputError
from trsllava.raster.values import Grid

WGS84 = CRS.from_epsg(4326)


def cells(side: int, degrees: float, crs: CRS = WGS84) -> Grid:
    return Grid(side, side, Affine(degrees, 0, 10, 0, -degrees, 50), crs)


def cover(path: Path, classes: np.ndarray, step: float, **options: int) -> Path:
    return write_raster(path / "cover.tif", classes[None], Affine(step, 0, 10, 0, -step, 50), **options)


def everywhere(side: int) -> np.ndarray:
    return np.ones((side, side), bool)


def pond() -> np.ndarray:
    """5 × 5 pixels of class 1 with one of class 2 in the middle."""
    classes = np.ones((5, 5), np.uint8)
    classes[2, 2] = 2
    return classes


def test_differing_neighbours_by_hand() -> None:
    expected = np.zeros((5, 5), int)
    expected[2, 2] = 4
    expected[[1, 3, 2, 2], [2, 2, 1, 3]] = 1

    np.testing.assert_array_equal(differing_neighbours(pond().astype(np.int64)), expected)


def test_three_levels_by_hand(tmp_path: Path) -> None:
    found = read_landscape(cover(tmp_path, pond(), 0.01), cells(1, 0.05), everywhere(1))
    of_unit = np.zeros(1, np.int32)

    assert region_index(found, of_unit, 1) == pytest.approx([8 / (4 * 5)])
    assert class_counts(found, of_unit, np.array([10])).index == pytest.approx([4 / (4 * sqrt(24)), 4 / (4 * 1)])
    assert found.unit_index() == pytest.approx([4 / (4 * sqrt(24)), 1])


def test_edges_between_units_count_in_both(tmp_path: Path) -> None:
    classes = np.repeat([[1, 1, 2, 2]], 4, axis=0).astype(np.uint8)
    found = read_landscape(cover(tmp_path, classes, 0.01), cells(2, 0.02), everywhere(2))

    np.testing.assert_array_equal(found.units, [0, 1, 2, 3])
    np.testing.assert_array_equal(found.classes, [1, 2, 1, 2])
    np.testing.assert_array_equal(found.edges, [2, 2, 2, 2])


def plain(classes: np.ndarray, fine: int, wanted: np.ndarray) -> dict[tuple[int, int], tuple[int, int]]:
    """Pixels and differing neighbours by unit and class, pixel by pixel; 0 is no data."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    height, width = classes.shape
    for row in range(height):
        for col in range(width):
            code = int(classes[row, col])
            if not code or not wanted[row // fine, col // fine]:
                continue
            around = [(row - 1, col), (row + 1, col), (row, col - 1), (row, col + 1)]
            inside = [classes[r, c] for r, c in around if 0 <= r < height and 0 <= c < width]
            differ = sum(1 for other in inside if other and other != code)
            unit = row // fine * (width // fine) + col // fine
            pixels, edges = found.get((unit, code), (0, 0))
            found[unit, code] = pixels + 1, edges + differ
    return found


def as_dict(found: Landscape) -> dict[tuple[int, int], tuple[int, int]]:
    keys = zip(found.units.tolist(), found.classes.tolist(), strict=True)
    return dict(zip(keys, zip(found.pixels.tolist(), found.edges.tolist(), strict=True), strict=True))


@pytest.mark.parametrize("side", [7, 16, 1024])
def test_windows_of_any_size_count_as_a_plain_loop_does(
    side: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    classes, wanted = rng.integers(0, 5, (40, 40)).astype(np.uint8), rng.random((10, 10)) < 0.5
    monkeypatch.setattr(landscape, "_SIDE", side)
    found = read_landscape(cover(tmp_path, classes, 0.01, nodata=0), cells(10, 0.04), wanted)

    assert as_dict(found) == plain(classes, 4, wanted)


def test_rasters_of_different_projections_meet(tmp_path: Path) -> None:
    utm = Grid(4, 4, Affine(1000, 0, 571_700, 0, -1000, 5_538_000), CRS.from_epsg(32632))
    classes = np.random.default_rng(0).integers(1, 4, (100, 100)).astype(np.uint8)
    found = read_landscape(cover(tmp_path, classes, 0.001), utm, everywhere(4))

    assert set(found.units) == set(range(16))
    assert found.pixels.sum() == pytest.approx(
        16 * (1000 / 111_195) ** 2 / 0.001**2 / np.cos(np.radians(49.97)), rel=0.02
    )


def test_what_lies_elsewhere_is_not_read(tmp_path: Path) -> None:
    found = read_landscape(cover(tmp_path, pond(), 0.01), cells(3, 0.05), np.eye(3, dtype=bool)[::-1])

    assert len(found.units) == 0


@pytest.mark.parametrize("value", [0.5, -3, 70_000])
def test_values_that_are_no_codes_are_refused(value: float, tmp_path: Path) -> None:
    classes = np.ones((5, 5), np.float32)
    classes[1, 1] = value
    with pytest.raises(InputError, match=r"cover\.tif is no land-cover raster"):
        read_landscape(cover(tmp_path, classes, 0.01), cells(1, 0.05), everywhere(1))
