"""Cells of a value raster, read in parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from indexer.sampling import cells
from indexer.sampling.area import WHOLE_EARTH, Area
from indexer.sampling.cells import read_cells
from tests.indexer.sampling.world import write_raster


@pytest.mark.parametrize("part", [1, 100, 1 << 22])
def test_a_cell_is_the_mean_of_its_pixels_with_data(
    part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = np.arange(35, dtype=np.float32).reshape(5, 7)
    samples[0, 0], samples[4, 6] = -9, np.inf
    path = write_raster(tmp_path / "v.tif", samples[None], Affine(1, 0, 0, 0, -1, 5), nodata=-9)
    monkeypatch.setattr(cells, "_PART_PIXELS", part)
    found = read_cells(path, side=3)

    assert found.values.shape == (2, 3)
    assert found.values[0, 0] == pytest.approx(np.mean([1, 2, 7, 8, 9, 14, 15, 16]))
    assert found.values[1, 1] == pytest.approx(np.mean([24, 25, 26, 31, 32, 33]))
    assert found.values[1, 2] == pytest.approx(27)  # the last column, but for what is not finite
    assert found.grid.transform[:6] == (3, 0, 0, 0, -3, 5)


def test_a_cell_without_data_is_none(tmp_path: Path) -> None:
    samples = np.zeros((1, 4, 4), np.uint8)
    samples[0, 0, 0] = 5
    path = write_raster(tmp_path / "v.tif", samples, Affine(1, 0, 0, 0, -1, 5), nodata=0)

    np.testing.assert_array_equal(read_cells(path, side=2).values, [[5, np.nan], [np.nan, np.nan]])


def test_polygons_count_even_where_their_box_is_the_whole_earth(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "v.tif", np.ones((1, 2, 4), np.uint8), Affine(90, 0, -180, 0, -90, 90))
    east = np.array([[-180, -90], [180, -90], [180, 90], [-180, -90]], np.float64)
    found = read_cells(path, area=Area(WHOLE_EARTH, ((east,),)))

    np.testing.assert_array_equal(np.isnan(found.values), [[True, True, True, False], [True, False, False, False]])
