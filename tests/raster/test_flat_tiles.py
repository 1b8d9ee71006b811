"""Tiles with nothing to see are left out: what was never written, and what has one value alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from PIL import Image

from trsllava.raster import geotiff
from trsllava.raster.scene import inspect
from trsllava.records import Recipe

QUARTERS = Recipe(tile=32, overlap=0)
"""Of a scene of 64 x 64 pixels."""

WriteTiff = Callable[..., Path]
Noise = Callable[..., NDArray[np.uint8]]


def sparse(path: Path, side: int, **options: object) -> Path:
    """A GeoTIFF none of whose blocks is written."""
    profile = {"width": side, "height": side, "count": 3, "dtype": "uint8", "tiled": True, "sparse_ok": True}
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:4326", **{**profile, **options}):  # type: ignore[arg-type]
        pass
    return path


def corners(path: Path, recipe: Recipe = QUARTERS) -> list[tuple[int, int]]:
    return [(tile.window.col, tile.window.row) for tile in inspect(path, recipe).tiles]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(("side", "tiles"), [(2048, 25), (512, 1)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_a_sparse_file_has_no_tile_to_caption(tmp_path: Path, side: int, tiles: int, dtype: str) -> None:
    scene = inspect(sparse(tmp_path / "sparse.tif", side, dtype=dtype))
    assert (scene.tiles, scene.skipped) == ((), tiles)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_of_a_sparse_file_the_written_tiles_are_kept(tmp_path: Path, noise: Noise) -> None:
    path = sparse(tmp_path / "sparse.tif", 64, blockxsize=32, blockysize=32)
    with rasterio.open(path, "r+") as file:
        file.write(noise(3, 32, 32), window=rasterio.windows.Window(32, 0, 32, 32))
    assert corners(path) == [(32, 0)]


@pytest.mark.parametrize("value", [0, 255, 7])
def test_a_tile_of_one_value_is_left_out_of_a_scene(write_tiff: WriteTiff, noise: Noise, value: int) -> None:
    samples = noise(3, 64, 64)
    samples[:, :32, :32] = value
    assert corners(write_tiff(samples)) == [(32, 0), (0, 32), (32, 32)]


def test_a_tile_of_one_colour_is_left_out_of_a_png(tmp_path: Path, noise: Noise) -> None:
    pixels = noise(64, 64, 3)
    pixels[32:, 32:] = (255, 200, 10)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert corners(tmp_path / "a.png") == [(0, 0), (32, 0), (0, 32)]


def test_a_tile_that_is_flat_where_it_has_data_is_left_out(write_tiff: WriteTiff, noise: Noise) -> None:
    samples = noise(1, 64, 64).astype(np.uint16) + 1
    samples[:, :32, :32] = 9
    samples[:, :8, :32] = 0
    assert corners(write_tiff(samples, nodata=0)) == [(32, 0), (0, 32), (32, 32)]


@pytest.mark.parametrize(
    ("channel", "row", "col"), [(0, 0, 0), (2, 31, 31), (1, 16, 5)], ids=["first", "last", "middle"]
)
def test_one_pixel_that_differs_in_one_channel_keeps_a_tile(
    write_tiff: WriteTiff, noise: Noise, channel: int, row: int, col: int
) -> None:
    samples = noise(3, 64, 64)
    samples[:, :32, :32] = 50
    samples[channel, row, col] = 51
    assert (0, 0) in corners(write_tiff(samples))


def test_a_tile_is_compared_over_all_the_parts_it_is_read_in(
    write_tiff: WriteTiff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each strip is flat, and the two of a tile are not alike."""
    samples = np.repeat(np.arange(64, dtype=np.uint8) // 16, 64).reshape(1, 64, 64)
    monkeypatch.setattr(geotiff, "_PART_BYTES", 16 * 64)
    assert len(corners(write_tiff(samples, blockysize=16))) == 4


def test_an_image_of_one_colour_that_is_a_single_tile_is_kept_unless_it_is_zero(tmp_path: Path) -> None:
    for name, colour, tiles in (("teal.png", (0, 128, 128), 1), ("white.png", (255, 255, 255), 1), ("not.png", 0, 0)):
        Image.new("RGB", (16, 16), colour).save(tmp_path / name)
        scene = inspect(tmp_path / name)
        assert (len(scene.tiles), scene.skipped) == (tiles, 1 - tiles), name


def test_a_limit_of_one_keeps_every_tile(write_tiff: WriteTiff, noise: Noise) -> None:
    samples = noise(3, 64, 64)
    samples[:, :32, :32] = 0
    recipe = QUARTERS.model_copy(update={"nodata_limit": 1.0})
    assert len(corners(write_tiff(samples, nodata=0), recipe)) == 4
