"""What `inspect` says of sound files, and how it refuses the others."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from trsllava.errors import ImageError
from trsllava.raster.scene import IMAGE_SUFFIXES, inspect, size_of
from trsllava.raster.silence import without_warnings
from trsllava.records import Recipe

FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "BMP": ".bmp"}


@pytest.mark.parametrize(("driver", "suffix"), FORMATS.items())
def test_pictures_of_every_format_are_described(tmp_path, noise, driver, suffix):
    path = tmp_path / f"picture{suffix}"
    Image.fromarray(noise(30, 40, 3)).save(path)

    info = inspect(path)

    assert (info.width, info.height, info.bands, info.dtype, info.driver) == (40, 30, 3, "uint8", driver)
    assert (info.footprint, info.north_up, info.acquired) == (None, False, None)
    assert info.window == (0, 0, 40, 30)
    assert suffix in IMAGE_SUFFIXES


def test_a_tiff_without_a_place_has_no_footprint(write_tiff, noise):
    info = inspect(write_tiff(noise(3, 30, 40)))

    assert (info.width, info.height, info.bands, info.driver) == (40, 30, 3, "GTiff")
    assert (info.footprint, info.north_up) == (None, False)


def test_a_georeferenced_tiff_has_its_footprint_and_knows_north(write_tiff, noise):
    info = inspect(write_tiff(noise(1, 20, 10), "EPSG:4326", Affine(0.1, 0, 7, 0, -0.1, 48)))

    assert info.footprint is not None
    assert (info.footprint.west, info.footprint.south) == pytest.approx((7, 46))
    assert (info.footprint.east, info.footprint.north) == pytest.approx((8, 48))
    assert info.north_up


def test_a_tiff_in_a_local_system_without_a_place_on_earth_has_no_footprint(write_tiff, noise):
    info = inspect(write_tiff(noise(1, 20, 10), 'LOCAL_CS["site",UNIT["metre",1]]', Affine(1, 0, 0, 0, -1, 9)))

    assert (info.footprint, info.north_up) == (None, False)


def test_the_content_decides_what_a_file_is_not_its_suffix(tmp_path, write_tiff, noise):
    tiff = write_tiff(noise(3, 8, 8), name="really.jpg")
    png = tmp_path / "really.tif"
    Image.fromarray(noise(8, 8, 3)).save(png, "PNG")

    assert inspect(tiff).driver == "GTiff"
    assert inspect(png).driver == "PNG"


def test_files_beside_a_tiff_do_not_change_what_is_read(tmp_path, write_tiff, noise):
    path = write_tiff(noise(1, 4, 4), "EPSG:4326", Affine(0.1, 0, 7, 0, -0.1, 48))
    before = inspect(path)
    aux = "<PAMDataset><SRS>EPSG:32631</SRS><GeoTransform>500000,1,0,0,0,-1</GeoTransform></PAMDataset>"
    (tmp_path / "scene.tif.aux.xml").write_text(aux)

    assert inspect(path) == before


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2024:05:17 10:31:05", datetime(2024, 5, 17, 10, 31, 5, tzinfo=UTC)),
        ("2024-05-17T10:31:05+02:00", datetime(2024, 5, 17, 8, 31, 5, tzinfo=UTC)),
        ("0000:00:00 00:00:00", None),
        ("last summer", None),
    ],
)
def test_the_time_of_a_tiff_is_its_datetime_tag_in_utc(write_tiff, noise, stated, expected):
    assert inspect(write_tiff(noise(1, 4, 4), tags={"TIFFTAG_DATETIME": stated})).acquired == expected


@pytest.mark.parametrize(("offset", "hour"), [("", 10), ("+02:00", 8), ("nonsense", 10)])
def test_the_time_of_a_photograph_is_when_it_was_taken_in_utc(tmp_path, noise, offset, hour):
    exif = Image.Exif()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2024:05:17 10:31:05"
    if offset:
        details[ExifTags.Base.OffsetTimeOriginal] = offset
    Image.fromarray(noise(8, 8, 3)).save(tmp_path / "photo.jpg", exif=exif)

    assert inspect(tmp_path / "photo.jpg").acquired == datetime(2024, 5, 17, hour, 31, 5, tzinfo=UTC)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_width_and_height_are_those_of_the_upright_picture(tmp_path, noise, orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(noise(30, 40, 3)).save(tmp_path / "photo.jpg", exif=exif)

    info = inspect(tmp_path / "photo.jpg")

    assert (info.width, info.height) == ((30, 40) if orientation >= 5 else (40, 30))


def test_broken_exif_does_not_cost_a_sound_picture(tmp_path, noise):
    Image.fromarray(noise(8, 8, 3)).save(tmp_path / "photo.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01\x03")

    assert inspect(tmp_path / "photo.jpg").width == 8


def assert_refused(path: Path, reason: str) -> None:
    with pytest.raises(ImageError, match=reason) as refusal:
        inspect(path)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_text_file_called_jpg_is_refused(tmp_path):
    (tmp_path / "notes.jpg").write_text("these are notes, not a picture")
    assert_refused(tmp_path / "notes.jpg", "its content is not a JPEG, PNG, WebP, BMP, GIF, AVIF, TIFF or JPEG 2000")


def test_a_picture_of_another_format_is_refused(tmp_path, noise):
    Image.fromarray(noise(8, 8)).save(tmp_path / "anime.png", "TGA")
    assert_refused(tmp_path / "anime.png", "its content is not a JPEG")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "nothing.tif").touch()
    assert_refused(tmp_path / "nothing.tif", "empty")


def test_a_folder_called_like_a_picture_is_refused(tmp_path):
    (tmp_path / "x.png").mkdir()
    assert_refused(tmp_path / "x.png", "it is a folder")


def test_a_pipe_called_like_a_picture_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "x.png")
    assert_refused(tmp_path / "x.png", "not a regular file")


def test_a_missing_file_is_refused(tmp_path):
    assert_refused(tmp_path / "gone.png", "no such file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_is_refused(tmp_path):
    (tmp_path / "secret.png").write_bytes(b"x")
    (tmp_path / "secret.png").chmod(0)
    assert_refused(tmp_path / "secret.png", "permission denied")


@pytest.mark.parametrize("suffix", FORMATS.values())
@given(kept=st.floats(0.02, 0.9))
@settings(max_examples=15, deadline=None)
def test_a_picture_cut_short_anywhere_is_refused(tmp_path_factory, suffix, kept):
    path = tmp_path_factory.mktemp("cut") / f"cut{suffix}"
    samples = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(samples).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])

    assert_refused(path, "damaged")


@pytest.mark.parametrize(
    "options",
    [{}, {"compress": "deflate"}, {"compress": "jpeg"}, {"tiled": True, "blockxsize": 16, "blockysize": 16}],
    ids=str,
)
@pytest.mark.parametrize("kept", [0.01, 0.5, 0.99])
def test_a_tiff_cut_short_anywhere_is_refused(write_tiff, noise, options, kept):
    path = write_tiff(noise(3, 100, 120), **options)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])

    assert_refused(path, "damaged")


@pytest.mark.parametrize("dtype", ["uint16", "int16", "int8", "uint32", "float32", "float64"])
def test_samples_of_all_real_types_are_read(write_tiff, dtype):
    assert inspect(write_tiff(np.zeros((1, 4, 4), dtype))).dtype == dtype


def test_complex_samples_are_refused_with_what_to_do(write_tiff):
    assert_refused(write_tiff(np.zeros((1, 4, 4), "complex64")), "complex numbers; convert them to amplitudes")


def test_a_tiff_larger_than_what_is_read_whole_is_set_upright_too(tmp_path):
    path = tmp_path / "large.tif"
    Image.new("1", (20_000, 9_000)).save(path, compression="group4", tiffinfo={ExifTags.Base.Orientation: 6})
    assert size_of(path) == (9_000, 20_000)


def test_a_scene_too_large_for_one_tile_asks_for_tiles(tmp_path):
    path = sparse(tmp_path / "large.tif", 20_000, 1, tiled=True)
    with pytest.raises(ImageError, match="give a smaller `tile`"):
        inspect(path, Recipe(tile=0))


def test_a_decompression_bomb_is_refused_before_it_unfolds(tmp_path):
    Image.new("1", (20_000, 10_000)).save(tmp_path / "bomb.png")
    assert_refused(tmp_path / "bomb.png", "more than the 178,956,970 pixels")


def sparse(path, side, count, **options):
    """A TIFF of any size whose file holds no pixels at all."""
    shape = {"width": side, "height": side, "count": count, "dtype": "uint8", "sparse_ok": True}
    with without_warnings(), rasterio.open(path, "w", driver="GTiff", **shape, **options):
        pass
    return path


def test_a_file_that_unfolds_ten_thousandfold_is_refused_before_it_does(tmp_path):
    path = sparse(tmp_path / "bomb.tif", 90_000, 4, tiled=True, bigtiff="yes")
    assert_refused(path, r"expand from .* MB to 32.4 GB and is taken for a decompression bomb")


def test_size_alone_is_no_bomb(tmp_path):
    path = sparse(tmp_path / "large.tif", 15_000, 1, tiled=True)

    assert inspect(path).width == 15_000


def test_a_block_that_would_not_fit_into_memory_is_refused(tmp_path):
    path = sparse(tmp_path / "block.tif", 24_000, 1, tiled=True, blockxsize=24_000, blockysize=24_000)
    assert_refused(path, "blocks of 24000 x 24000 pixels are too large .* gdal_translate -co TILED=YES")


def test_animations_and_files_of_several_pages_are_refused_with_their_number(tmp_path):
    pages = [Image.new("L", (8, 8), grey) for grey in (0, 100, 200)]
    for name in ("pages.tif", "moves.webp", "moves.png"):
        pages[0].save(tmp_path / name, save_all=True, append_images=pages[1:])

    assert_refused(tmp_path / "pages.tif", "3 pages; save each to its own file")
    assert_refused(tmp_path / "moves.webp", "animated, with 3 frames")
    assert_refused(tmp_path / "moves.png", "animated, with 3 frames")
