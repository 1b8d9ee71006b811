"""Pixels: every kind of 8-bit file becomes the same kind of RGB picture."""

from __future__ import annotations

import io
import os
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageOps
from rasterio.enums import ColorInterp, Resampling

from trsllava.errors import ImageError, InputError
from trsllava.raster import picture
from trsllava.raster.scene import inspect, read_rgb, thumbnail
from trsllava.raster.silence import without_warnings
from trsllava.records import Recipe, Rendering, Window

PLAIN = Rendering()


def whole(path, rendering=PLAIN):
    return read_rgb(path, inspect(path).window, rendering)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif"])
def test_lossless_colour_is_read_as_it_is(tmp_path, noise, suffix):
    samples = noise(12, 9, 3)
    Image.fromarray(samples).save(tmp_path / f"x{suffix}")

    pixels = whole(tmp_path / f"x{suffix}")

    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, samples)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif"])
def test_grey_has_three_equal_channels(tmp_path, noise, suffix):
    samples = noise(12, 9)
    Image.fromarray(samples).save(tmp_path / f"x{suffix}")

    np.testing.assert_array_equal(whole(tmp_path / f"x{suffix}"), np.stack([samples] * 3, axis=-1))


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_what_is_transparent_is_black_and_what_is_half_transparent_half_as_bright(tmp_path, suffix):
    samples = np.array([[[200, 100, 50, 255], [200, 100, 50, 0], [200, 100, 50, 128]]], np.uint8)
    Image.fromarray(samples).save(tmp_path / f"x{suffix}")

    pixels = whole(tmp_path / f"x{suffix}")

    np.testing.assert_array_equal(pixels[0, 0], [200, 100, 50])
    np.testing.assert_array_equal(pixels[0, 1], [0, 0, 0])
    np.testing.assert_allclose(pixels[0, 2], [100, 50, 25], atol=1)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_grey_with_alpha_is_composited_on_black_too(tmp_path, suffix):
    Image.fromarray(np.array([[[200, 255], [200, 0]]], np.uint8)).save(tmp_path / f"x{suffix}")

    np.testing.assert_array_equal(whole(tmp_path / f"x{suffix}"), [[[200] * 3, [0] * 3]])


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif"])
def test_a_palette_is_looked_up(tmp_path, suffix):
    image = Image.fromarray(np.array([[0, 1], [2, 1]], np.uint8)).convert("P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image.save(tmp_path / f"x{suffix}")

    expected = [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [0, 255, 0]]]
    np.testing.assert_array_equal(whole(tmp_path / f"x{suffix}"), expected)


def test_a_palette_colour_that_is_transparent_is_black(tmp_path):
    image = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.save(tmp_path / "x.png", transparency=b"\x00\xff")

    np.testing.assert_array_equal(whole(tmp_path / "x.png"), [[[0, 0, 0], [0, 255, 0]]])


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif"])
def test_black_and_white_runs_from_0_to_255(tmp_path, suffix):
    Image.fromarray(np.array([[True, False]])).save(tmp_path / f"x{suffix}")

    np.testing.assert_array_equal(whole(tmp_path / f"x{suffix}"), [[[255] * 3, [0] * 3]])


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_inks_become_light(tmp_path, suffix):
    inks = np.zeros((16, 16, 4), np.uint8)
    inks[..., 0] = 255  # cyan alone takes the red away
    Image.fromarray(inks, "CMYK").save(tmp_path / f"x{suffix}")

    np.testing.assert_allclose(whole(tmp_path / f"x{suffix}")[8, 8], [0, 255, 255], atol=3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_set_upright(tmp_path, noise, orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(noise(6, 9, 3)).save(tmp_path / "x.png", exif=exif)

    with Image.open(tmp_path / "x.png") as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(whole(tmp_path / "x.png"), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
@given(col=st.integers(0, 4), row=st.integers(0, 4), width=st.integers(1, 9), height=st.integers(1, 9))
@settings(deadline=None, max_examples=20)
def test_a_tiff_is_set_upright_in_whole_and_in_part(tmp_path_factory, orientation, col, row, width, height):
    path = tmp_path_factory.getbasetemp() / f"upright{orientation}.tif"
    samples = np.arange(6 * 9 * 3, dtype=np.uint8).reshape(6, 9, 3)
    if not path.exists():
        Image.fromarray(samples).save(path, tiffinfo={ExifTags.Base.Orientation: orientation})
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    high, wide = expected.shape[:2]
    window = Window(col, row, min(width, wide - col), min(height, high - row))

    np.testing.assert_array_equal(whole(path), expected)
    np.testing.assert_array_equal(
        read_rgb(path, window, PLAIN), expected[row : row + window.height, col : col + window.width]
    )


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", ["u2", "f4"])
def test_the_byte_order_makes_no_difference(write_tiff, order, dtype):
    endianness = {"<": "little", ">": "big"}[order]
    path = write_tiff(np.arange(256).reshape(1, 16, 16).astype(dtype), endianness=endianness)
    assert path.read_bytes()[:2] == {"<": b"II", ">": b"MM"}[order]

    scene = inspect(path, Recipe(stretch="range:0,255"))

    np.testing.assert_array_equal(
        read_rgb(path, scene.window, scene.rendering)[..., 0], np.arange(256).reshape(16, 16)
    )


def test_where_zero_is_white_the_picture_is_turned_to_positive(write_tiff):
    ramp = np.arange(101, dtype=np.uint16)[None, None]
    path = write_tiff(ramp, photometric="miniswhite")
    scene = inspect(path, Recipe(stretch="range:0,100"))

    pixels = read_rgb(path, scene.window, scene.rendering)

    assert (pixels[0, 0, 0], pixels[0, -1, 0]) == (255, 0)


def test_four_bits_run_from_black_to_white(write_tiff):
    path = write_tiff(np.arange(16, dtype=np.uint8)[None, None], nbits=4)
    scene = inspect(path)

    assert read_rgb(path, scene.window, scene.rendering)[0, :, 0].tolist() == list(range(0, 256, 17))


def test_a_small_picture_of_a_large_scene_comes_from_its_overviews(write_tiff):
    samples = np.zeros((3, 512, 512), np.uint8)
    path = write_tiff(samples, tiled=True, blockxsize=256, blockysize=256)
    with without_warnings(), rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([4, 8], Resampling.average)
    with without_warnings(), rasterio.open(path, "r+", OVERVIEW_LEVEL=1) as overview:
        overview.write(np.full((3, 64, 64), 200, np.uint8))  # a mark that the full resolution does not bear

    assert (read_rgb(path, Window(0, 0, 512, 512), Rendering(size=32)) == 200).all()
    assert not read_rgb(path, Window(0, 0, 512, 512), PLAIN).any()


def test_tiles_of_a_large_picture_are_parts_of_it(tmp_path, noise):
    samples = noise(1100, 1300, 3)
    Image.fromarray(samples).save(tmp_path / "large.png", compress_level=1)
    scene = inspect(tmp_path / "large.png")

    assert len(scene.tiles) == 9
    for tile in scene.tiles:
        col, row, width, height = tile.window
        np.testing.assert_array_equal(
            read_rgb(tmp_path / "large.png", tile.window, PLAIN), samples[row : row + height, col : col + width]
        )


def test_a_picture_that_has_changed_is_decoded_anew(tmp_path):
    for grey in (10, 200):
        Image.new("RGB", (1100, 8), (grey, grey, grey)).save(tmp_path / "large.bmp")
        os.utime(tmp_path / "large.bmp", (grey, grey))
        assert (read_rgb(tmp_path / "large.bmp", Window(600, 0, 8, 8), PLAIN) == grey).all()


def test_colour_bands_are_found_by_their_meaning(write_tiff, noise):
    samples = noise(4, 6, 5)
    order = (ColorInterp.blue, ColorInterp.green, ColorInterp.red, ColorInterp.undefined)
    path = write_tiff(samples, photometric="minisblack", colorinterp=order)

    np.testing.assert_array_equal(whole(path), np.moveaxis(samples[[2, 1, 0]], 0, -1))


def test_of_bands_without_a_meaning_the_first_three_are_shown(write_tiff, noise):
    samples = noise(5, 6, 5)
    path = write_tiff(samples, photometric="minisblack")

    np.testing.assert_array_equal(whole(path), np.moveaxis(samples[:3], 0, -1))


def test_of_two_bands_without_a_meaning_the_first_is_shown_grey(write_tiff, noise):
    samples = noise(2, 6, 5)
    path = write_tiff(samples, photometric="minisblack", alpha="no")

    np.testing.assert_array_equal(whole(path), np.moveaxis(samples[[0, 0, 0]], 0, -1))


def test_bands_can_be_chosen(tmp_path, write_tiff, noise):
    samples = noise(4, 6, 5)
    tiff = write_tiff(samples)
    Image.fromarray(np.moveaxis(samples[:3], 0, -1)).save(tmp_path / "x.png")

    np.testing.assert_array_equal(whole(tiff, Rendering(bands=(4, 1, 1))), np.moveaxis(samples[[3, 0, 0]], 0, -1))
    chosen = whole(tmp_path / "x.png", Rendering(bands=(3, 1, 1)))
    np.testing.assert_array_equal(chosen, np.moveaxis(samples[[2, 0, 0]], 0, -1))


@pytest.mark.parametrize("bands", [(0, 1, 1), (1, 1, 4), (1, 2)])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_bands_that_are_not_there_are_refused(tmp_path, noise, bands, suffix):
    path = tmp_path / f"x{suffix}"
    Image.fromarray(noise(4, 4, 3)).save(path)

    with pytest.raises(ImageError, match="one or three numbers from 1 to 3"):
        whole(path, Rendering(bands=bands))


@settings(deadline=None)
@given(
    col=st.integers(0, 19), row=st.integers(0, 14), width=st.integers(1, 20), height=st.integers(1, 15), data=st.data()
)
def test_a_window_is_that_part_of_the_whole(tmp_path_factory, col, row, width, height, data):
    suffix = data.draw(st.sampled_from([".png", ".tif"]))
    path = tmp_path_factory.getbasetemp() / f"window{suffix}"
    samples = np.arange(15 * 20 * 3, dtype=np.uint16).astype(np.uint8).reshape(15, 20, 3)
    if not path.exists():
        Image.fromarray(samples).save(path)
    window = Window(col, row, min(width, 20 - col), min(height, 15 - row))

    pixels = read_rgb(path, window, PLAIN)

    np.testing.assert_array_equal(pixels, samples[row : row + window.height, col : col + window.width])


@pytest.mark.parametrize("window", [(-1, 0, 4, 4), (0, 0, 0, 4), (0, 0, 10, 1), (1, 1, 4, 4)])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_window_outside_of_the_picture_is_refused(tmp_path, noise, window, suffix):
    path = tmp_path / f"x{suffix}"
    Image.fromarray(noise(4, 4, 3)).save(path)

    with pytest.raises(ImageError, match="index it again"):
        read_rgb(path, Window(*window), PLAIN)


@pytest.mark.parametrize(("size", "shape"), [(10, (5, 10, 3)), (80, (40, 80, 3)), (1, (1, 1, 3))])
def test_the_longer_side_gets_the_size_asked_for(tmp_path, noise, size, shape):
    Image.fromarray(noise(20, 40, 3)).save(tmp_path / "x.png")

    assert whole(tmp_path / "x.png", Rendering(size=size)).shape == shape


def test_a_stretch_that_is_not_known_is_refused(tmp_path, noise):
    Image.fromarray(noise(4, 4, 3)).save(tmp_path / "x.png")

    with pytest.raises(InputError, match="'percentile'"):
        read_rgb(tmp_path / "x.png", Window(0, 0, 4, 4), Rendering(stretch="percentile"))


def test_damage_met_while_reading_is_an_image_error(write_tiff, noise):
    path = write_tiff(noise(3, 100, 100))
    path.write_bytes(path.read_bytes()[:15_000])

    with pytest.raises(ImageError, match="damaged"):
        read_rgb(path, Window(0, 0, 100, 100), PLAIN)


def test_a_thumbnail_is_a_small_jpeg_of_the_window(tmp_path):
    image = Image.new("RGB", (400, 200), "red")
    image.paste("blue", (200, 0, 400, 200))
    image.save(tmp_path / "x.png")

    with Image.open(io.BytesIO(thumbnail(tmp_path / "x.png", Window(200, 0, 200, 100), PLAIN, 64))) as small:
        assert (small.format, small.size) == ("JPEG", (64, 32))
        np.testing.assert_allclose(np.asarray(small)[16, 32], [0, 0, 255], atol=4)


def test_a_thumbnail_never_enlarges(tmp_path, noise):
    Image.fromarray(noise(20, 30, 3)).save(tmp_path / "x.png")

    with Image.open(io.BytesIO(thumbnail(tmp_path / "x.png", Window(0, 0, 30, 20), PLAIN, 64))) as small:
        assert small.size == (30, 20)


def test_many_threads_read_at_once_without_a_warning(tmp_path, write_tiff, noise):
    tiff = write_tiff(noise(3, 50, 50))
    png = tmp_path / "x.png"
    Image.fromarray(noise(50, 50, 3)).save(png)
    start = threading.Barrier(8)

    def read(number):
        start.wait()
        return [whole(tiff if (number + turn) % 2 else png).shape for turn in range(20)]

    with warnings.catch_warnings(record=True) as seen, ThreadPoolExecutor(8) as threads:
        warnings.simplefilter("always")
        shapes = list(threads.map(read, range(8)))

    assert shapes == [[(50, 50, 3)] * 20] * 8
    assert not seen


def test_a_georeferenced_tiff_reads_like_any_other(write_tiff, noise):
    samples = noise(3, 7, 6)
    path = write_tiff(samples, "EPSG:32631", Affine(10, 0, 500_000, 0, -10, 5_000_000))

    np.testing.assert_array_equal(whole(path), np.moveaxis(samples, 0, -1))


class _CountedLock:
    """A lock that tells how many have come to it."""

    def __init__(self):
        self._lock, self.arrivals = threading.Lock(), threading.Semaphore(0)

    def __enter__(self):
        self.arrivals.release()
        self._lock.acquire()

    def __exit__(self, *_):
        self._lock.release()


def test_of_a_large_picture_one_thread_decodes_and_the_others_wait(tmp_path, noise, monkeypatch):
    samples = noise(8, 1100, 3)
    Image.fromarray(samples).save(tmp_path / "wide.png")
    decode, decoded, lock = picture._upright, [], _CountedLock()

    def counted(path):
        decoded.append(path)
        if len(decoded) == 1:
            for _ in range(4):  # nobody is late
                lock.arrivals.acquire()
        return decode(path)

    monkeypatch.setattr(picture, "_upright", counted)
    monkeypatch.setattr(picture._UPRIGHTS, "_lock", lock)
    with ThreadPoolExecutor(4) as threads:
        windows = [Window(100 * number, 0, 100, 8) for number in range(4)]
        parts = list(threads.map(lambda window: read_rgb(tmp_path / "wide.png", window, PLAIN), windows))

    assert len(decoded) == 1
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), samples[:, :400])


def test_a_large_picture_that_is_replaced_is_decoded_anew(tmp_path, noise):
    path = tmp_path / "wide.png"
    for number in range(2):
        samples = noise(8, 1100 + number, 3)
        Image.fromarray(samples).save(path)
        np.testing.assert_array_equal(read_rgb(path, Window(0, 0, 64, 8), PLAIN), samples[:, :64])
