"""From many bits to eight: whole scenes, so that neighbouring tiles look alike."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from trsllava.errors import ImageError, InputError
from trsllava.raster.scene import check_recipe, inspect, read_rgb
from trsllava.raster.stretch import to_8bit
from trsllava.records import Recipe, Rendering


def test_eight_bits_are_shown_as_they_are_and_more_from_the_2nd_to_the_98th_percentile(write_tiff, noise):
    assert inspect(write_tiff(noise(3, 20, 20))).rendering == Rendering()

    ramp = np.arange(101, dtype=np.uint16)[None, None] * 10
    assert inspect(write_tiff(ramp)).rendering == Rendering(stretch="range:20,980")


@pytest.mark.parametrize("dtype", ["uint16", "int16", "uint32", "int32", "float32", "float64"])
def test_a_ramp_of_any_type_becomes_a_ramp_of_bytes(write_tiff, dtype):
    path = write_tiff((np.arange(256).reshape(1, 16, 16) * 5 + 100).astype(dtype))

    scene = inspect(path, Recipe(stretch="percentile:0,100"))

    np.testing.assert_array_equal(
        read_rgb(path, scene.window, scene.rendering)[..., 0], np.arange(256).reshape(16, 16)
    )


def test_each_channel_has_its_own_range(write_tiff):
    ramp = np.arange(101, dtype=np.uint16)
    path = write_tiff(np.stack([ramp, ramp * 2, ramp * 3])[:, None], photometric="minisblack")

    assert inspect(path).rendering.stretch == "range:2,98|4,196|6,294"


def test_the_stretch_is_the_scenes_and_not_the_tiles(write_tiff):
    samples = np.repeat(np.arange(64, dtype=np.uint16)[None, None] * 100, 32, axis=1)
    path = write_tiff(samples)
    scene = inspect(path, Recipe(tile=32, overlap=0))
    whole = read_rgb(path, scene.window, scene.rendering)

    for tile in scene.tiles:
        col, row, width, height = tile.window
        part = read_rgb(path, tile.window, scene.rendering)
        np.testing.assert_array_equal(part, whole[row : row + height, col : col + width])


def test_large_scenes_are_sampled_and_the_same_every_time(write_tiff):
    samples = np.random.default_rng(1).integers(0, 10_000, (1, 2100, 1500), dtype=np.uint16)
    path = write_tiff(samples, tiled=True, blockxsize=256, blockysize=256)

    stretch = inspect(path).rendering.stretch

    assert stretch == inspect(path).rendering.stretch
    low, high = map(float, stretch.removeprefix("range:").split(","))
    assert (low, high) == pytest.approx((200, 9800), abs=60)


def test_pixels_without_data_do_not_weigh_and_are_black(write_tiff):
    samples = np.arange(101, dtype=np.float32)[None, None] + 50
    samples[..., :30] = np.nan
    samples[..., 30:60] = -9999
    path = write_tiff(samples, nodata=-9999)

    scene = inspect(path, Recipe(stretch="percentile:0,100"))

    assert scene.rendering.stretch == "range:110,150"
    pixels = read_rgb(path, scene.window, scene.rendering)
    assert not pixels[0, :60].any()
    assert pixels[0, -1, 0] == 255


def test_a_range_is_taken_as_it_is_given(write_tiff):
    path = write_tiff(np.array([[[0, 1500, 3000, 9000]]], np.uint16))

    scene = inspect(path, Recipe(stretch="range:0,3000"))

    assert scene.rendering.stretch == "range:0,3000"
    np.testing.assert_array_equal(read_rgb(path, scene.window, scene.rendering)[0, :, 0], [0, 128, 255, 255])


def test_none_is_for_eight_bits_only(write_tiff):
    with pytest.raises(ImageError, match="uint16, and `stretch` none shows only 8-bit ones"):
        inspect(write_tiff(np.zeros((1, 4, 4), np.uint16)), Recipe(stretch="none"))


def test_pictures_are_stretched_when_asked(tmp_path):
    Image.fromarray(np.arange(101, dtype=np.uint8)[None]).save(tmp_path / "dark.png")

    scene = inspect(tmp_path / "dark.png", Recipe(stretch="percentile:0,100"))

    pixels = read_rgb(tmp_path / "dark.png", scene.window, scene.rendering)
    assert (pixels[0, 0, 0], pixels[0, -1, 0]) == (0, 255)


def test_a_scene_of_one_value_is_dark_and_no_error(write_tiff):
    path = write_tiff(np.full((1, 4, 4), 7, np.uint16))
    scene = inspect(path)

    assert not read_rgb(path, scene.window, scene.rendering).any()


def test_sixteen_bit_pngs_are_read_grey_and_colour(tmp_path):
    import rasterio

    Image.fromarray(np.arange(101, dtype=np.uint16)[None] * 100).save(tmp_path / "grey.png")
    colours = np.stack([np.arange(101, dtype=np.uint16) * weight for weight in (1, 2, 3)])[:, None]
    profile = {"width": 101, "height": 1, "count": 3, "dtype": "uint16", "transform": Affine.identity()}
    from trsllava.raster.silence import without_warnings

    with without_warnings(), rasterio.open(tmp_path / "colour.png", "w", driver="PNG", **profile) as file:
        file.write(colours)

    assert inspect(tmp_path / "grey.png").rendering.stretch == "range:200,9800"
    scene = inspect(tmp_path / "colour.png")
    assert (scene.dtype, scene.rendering.stretch) == ("uint16", "range:2,98|4,196|6,294")
    assert read_rgb(tmp_path / "colour.png", scene.window, scene.rendering)[0, -1].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    "wish",
    ["percentile", "percentile:98,2", "percentile:-1,50", "percentile:2,101", "range:3,3", "linear", "range:a,b"],
)
def test_a_stretch_that_cannot_be_is_refused_with_the_choices(wish):
    with pytest.raises(InputError, match="Use auto, none, percentile:2,98"):
        check_recipe(Recipe(stretch=wish))


@settings(deadline=None)
@given(
    dtype=st.sampled_from(["uint8", "int8", "uint16", "int16", "int32", "uint64", "float32", "float64"]),
    low=st.integers(-100_000, 100_000),
    extent=st.integers(1, 1_000_000),
    data=st.data(),
)
def test_brighter_samples_never_become_darker(dtype, low, extent, data):
    limits = (-1e6, 1e6) if dtype.startswith("float") else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    number = st.floats(*limits) if dtype.startswith("float") else st.integers(*map(int, limits))
    samples = np.sort(np.array(data.draw(st.lists(number, min_size=2, max_size=20)), dtype))

    shown = to_8bit(samples[None, None], f"range:{low},{low + extent}")

    assert (np.diff(shown[0, 0].astype(int)) >= 0).all()


def test_damaged_floats_are_neither_errors_nor_warnings(write_tiff):
    samples = np.array([[[np.nan, np.inf, -np.inf, 1.7e308, -1.7e308, 5]]])
    path = write_tiff(samples)
    scene = inspect(path)

    assert read_rgb(path, scene.window, scene.rendering)[0, :, 0].tolist() == [0, 0, 0, 255, 0, 128]
    assert to_8bit(samples, "range:0,10")[0, 0].tolist() == [0, 255, 0, 255, 0, 128]
    signalling = np.array([[[0x7FA00000]]], np.uint32).view(np.float32)
    assert to_8bit(signalling, "range:0,10").item() == 0
