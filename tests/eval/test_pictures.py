"""Pictures of a measurement: read as the index reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image

from eval.pictures import load_picture, picture_vectors
from tests.standin.encoders import ColourEncoder
from trsllava.errors import InputError
from trsllava.raster.scene import inspect, read_rgb
from trsllava.records import Window

SIDE = 16


def four_bands(path: Path) -> Path:
    rng = np.random.default_rng(0)
    with rasterio.open(path, "w", driver="GTiff", width=SIDE, height=SIDE, count=4, dtype="uint16",
                       transform=rasterio.Affine(10, 0, 0, 0, -10, 0)) as scene:  # fmt: skip
        scene.write(rng.integers(0, 10_000, (4, SIDE, SIDE), dtype=np.uint16))
    return path


def test_an_8_bit_picture_is_its_own_pixels(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as opened:
        np.testing.assert_array_equal(load_picture(tmp_path / "a.jpg"), np.asarray(opened.convert("RGB")))


def test_a_scene_of_16_bits_and_four_bands_is_shown_as_the_index_shows_it(tmp_path):
    path = four_bands(tmp_path / "scene.tif")
    shown = load_picture(path)
    assert (shown.shape, shown.dtype) == ((SIDE, SIDE, 3), np.uint8)
    np.testing.assert_array_equal(shown, read_rgb(path, Window(0, 0, SIDE, SIDE), inspect(path).rendering))
    assert picture_vectors(ColourEncoder(), tmp_path, ["scene.tif"]).shape == (1, ColourEncoder().dim)


def test_a_picture_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"b\.png.*relative to `images`"):
        load_picture(tmp_path / "b.png")
    with pytest.raises(InputError, match=r"gone\.png"):
        load_picture(tmp_path / "gone.png")
