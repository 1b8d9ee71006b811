"""Formats beyond TIFF, PNG and JPEG: JPEG 2000, mosaics (VRT), GIF, AVIF, and pictures too large to be held whole."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image, features

from trsllava.errors import ImageError
from trsllava.raster.media_types import media_type_of
from trsllava.raster.scene import IMAGE_SUFFIXES, inspect, read_rgb, size_of
from trsllava.raster.silence import without_warnings
from trsllava.records import Recipe, Rendering, Window

PLACE = {"crs": "EPSG:32631", "transform": Affine(10, 0, 590_000, 0, -10, 5_760_000)}


def write(path: Path, samples: np.ndarray, driver: str, **options: object) -> Path:
    shape = {"count": samples.shape[0], "height": samples.shape[1], "width": samples.shape[2], "dtype": samples.dtype}
    with without_warnings(), rasterio.open(path, "w", driver=driver, **shape, **options) as dataset:
        dataset.write(samples)
    return path


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("suffix", [".jp2", ".j2k"])
def test_jpeg_2000_reads_as_the_same_samples_in_a_tiff_do(tmp_path, noise, dtype, suffix):
    samples = noise(3, 40, 60).astype(dtype) * (1 if dtype == "uint8" else 40)
    jp2 = write(
        tmp_path / f"scene{suffix}", samples, "JP2OpenJPEG", QUALITY="100", REVERSIBLE="YES", YCBCR420="NO", **PLACE
    )
    tiff = write(tmp_path / "scene.tif", samples, "GTiff", **PLACE)

    info, other = inspect(jp2), inspect(tiff)
    assert (info.driver, info.rendering) == ("JP2OpenJPEG", other.rendering)
    window = Window(5, 3, 20, 10)
    np.testing.assert_array_equal(read_rgb(jp2, window, info.rendering), read_rgb(tiff, window, other.rendering))
    if suffix == ".jp2":  # a bare codestream knows no place
        assert info.footprint == other.footprint
    assert media_type_of(jp2) in ("image/jp2", "image/j2c")


def test_a_jpeg_2000_file_cut_short_is_refused(tmp_path, noise):
    whole = write(tmp_path / "scene.jp2", noise(3, 64, 64), "JP2OpenJPEG", QUALITY="100", REVERSIBLE="YES")
    whole.write_bytes(whole.read_bytes()[:2_000])
    with pytest.raises(ImageError, match="damaged"):
        inspect(whole)


def vrt(path: Path, source: str, relative: int = 1, more: str = "", band: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        '<VRTDataset rasterXSize="60" rasterYSize="40"><SRS>EPSG:32631</SRS>'
        "<GeoTransform>590000, 10, 0, 5760000, 0, -10</GeoTransform>"
        f'<VRTRasterBand dataType="Byte" band="1"{band}><SimpleSource>'
        f'<SourceFilename relativeToVRT="{relative}">{source}</SourceFilename><SourceBand>1</SourceBand>'
        f"</SimpleSource></VRTRasterBand>{more}</VRTDataset>"
    )
    return path


@pytest.fixture
def parts(tmp_path, noise):
    """A folder of a mosaic, with a TIFF below it and one outside."""
    (tmp_path / "archive" / "parts").mkdir(parents=True)
    write(tmp_path / "archive" / "parts" / "a.tif", noise(1, 40, 60), "GTiff", **PLACE)
    write(tmp_path / "secret.tif", noise(1, 40, 60), "GTiff", **PLACE)
    return tmp_path / "archive"


def test_a_mosaic_reads_as_the_file_that_it_is_made_of(parts):
    path, tiff = vrt(parts / "all.vrt", "parts/a.tif"), parts / "parts" / "a.tif"
    info = inspect(path)

    assert (info.driver, info.footprint) == ("VRT", inspect(tiff).footprint)
    np.testing.assert_array_equal(
        read_rgb(path, info.window, info.rendering), read_rgb(tiff, info.window, info.rendering)
    )


def test_a_mosaic_of_a_mosaic_is_read(parts):
    vrt(parts / "parts" / "inner.vrt", "a.tif")
    assert inspect(vrt(parts / "all.vrt", "parts/inner.vrt")).window == Window(0, 0, 60, 40)


@pytest.mark.parametrize(
    ("source", "relative"),
    [
        ("../secret.tif", 1),
        ("parts/../../secret.tif", 1),
        ("{outside}/secret.tif", 0),
        ("/vsicurl/http://127.0.0.1:9/a.tif", 0),
        ("/vsizip/parts/a.zip/a.tif", 0),
        ("http://127.0.0.1:9/a.tif", 0),
        ("<VRTDataset/>", 0),
        ("parts/service.xml", 1),
        ("parts/missing.tif", 1),
        ("parts/link.tif", 1),
        ("parts/inner.vrt", 1),
        ("", 1),
    ],
)
def test_a_mosaic_reads_nothing_outside_of_its_folder_and_nothing_but_rasters(parts, source, relative):
    (parts / "parts" / "link.tif").symlink_to(parts.parent / "secret.tif")
    (parts / "parts" / "service.xml").write_text("<GDAL_WMS/>")
    vrt(parts / "parts" / "inner.vrt", "../../secret.tif")
    name = source.replace("{outside}", str(parts.parent)).replace("<", "&lt;")
    with pytest.raises(ImageError, match="it points to"):
        inspect(vrt(parts / "all.vrt", name, relative))


@pytest.mark.parametrize(
    ("more", "band", "reason"),
    [
        ("", ' subClass="VRTDerivedRasterBand"', "only plain mosaics"),
        ("", ' subClass="VRTRawRasterBand"', "only plain mosaics"),
        ("", ' subclass="VRTRawRasterBand"', "only plain mosaics"),
        ("<subClass>VRTWarpedDataset</subClass>", "", "only plain mosaics"),
        ("<PixelFunctionCode>import os</PixelFunctionCode>", "", "only plain mosaics"),
        ("<Unclosed>", "", "no well-formed XML"),
    ],
)
def test_a_mosaic_that_computes_or_is_broken_is_refused(parts, more, band, reason):
    with pytest.raises(ImageError, match=reason):
        inspect(vrt(parts / "all.vrt", "parts/a.tif", more=more, band=band))


@pytest.mark.parametrize(
    "written",
    [
        '<sourcefilename relativetovrt="1">../secret.tif</sourcefilename>',
        '<SOURCEFILENAME RELATIVETOVRT="1">../secret.tif</SOURCEFILENAME>',
        '<SourceFilename xmlns="urn:x" relativeToVRT="1">../secret.tif</SourceFilename>',
        '<SourceFilename relativeToVRT="1">../secret.tif<!-- x -->/../archive/parts/a.tif</SourceFilename>',
        '<SourceFilename relativeToVRT="1">../secret.tif<?x y?>/../archive/parts/a.tif</SourceFilename>',
        '<SourceFilename relativeToVRT="01">../secret.tif</SourceFilename>',
    ],
)
def test_a_file_outside_is_refused_in_whatever_way_gdal_lets_it_be_named(parts, written):
    path = vrt(parts / "all.vrt", "parts/a.tif")
    usual = '<SourceFilename relativeToVRT="1">parts/a.tif</SourceFilename>'
    path.write_text(path.read_text().replace(usual, written))
    with pytest.raises(ImageError, match=r"it points to|names its files|relativeToVRT"):
        inspect(path)


def test_a_file_named_by_an_attribute_is_refused(parts):
    path = vrt(parts / "all.vrt", "parts/a.tif")
    named = f'<SimpleSource SourceFilename="{parts}/../secret.tif">'
    path.write_text(path.read_text().replace("<SimpleSource>", named))
    with pytest.raises(ImageError, match="names its files in another way"):
        inspect(path)


def test_comments_elsewhere_in_a_mosaic_are_passed_over(parts):
    path = vrt(parts / "all.vrt", "parts/a.tif", more="<!-- made by hand -->")
    assert inspect(path).driver == "VRT"


def test_a_mosaic_with_entities_is_refused(parts):
    path = parts / "all.vrt"
    path.write_text('<VRTDataset rasterXSize="1"><!DOCTYPE a [<!ENTITY b "b">]></VRTDataset>')
    with pytest.raises(ImageError, match="entities"):
        inspect(path)


def test_a_picture_by_any_other_name_is_no_mosaic(parts):
    vrt(parts / "all.vrt", "parts/a.tif").rename(parts / "upload.png")
    with pytest.raises(ImageError, match="its content is not"):
        inspect(parts / "upload.png")


def test_of_a_gif_the_first_frame_is_the_picture(tmp_path, noise):
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    info = inspect(tmp_path / "two.gif")

    assert (info.width, info.height, info.driver) == (30, 20, "GIF")
    assert tuple(read_rgb(tmp_path / "two.gif", info.window, info.rendering)[0, 0]) == (255, 0, 0)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow was built without AVIF")
def test_an_avif_picture_is_read(tmp_path):
    Image.new("RGB", (32, 16), (200, 30, 30)).save(tmp_path / "red.avif", quality=95)
    info = inspect(tmp_path / "red.avif")

    assert (info.width, info.height, info.driver) == (32, 16, "AVIF")
    red, green, blue = read_rgb(tmp_path / "red.avif", info.window, info.rendering)[8, 16]
    assert red > 150 > green + 50 > blue
    assert media_type_of(tmp_path / "red.avif") == "image/avif"


@pytest.mark.parametrize("suffix", [".jp2", ".j2k", ".vrt", ".gif", ".avif"])
def test_their_names_are_looked_at(suffix):
    assert suffix in IMAGE_SUFFIXES


SIDE = 13_500
"""Pixels: 182 megapixels, a little more than is read whole."""


def huge_png(path: Path, line: bytes, level: int = 1) -> Path:
    """A grey PNG of 13,500 x 13,500 pixels whose lines are all alike."""
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    packed = zlib.compressobj(level)
    data = b"".join([*(packed.compress(b"\0" + line) for _ in range(SIDE)), packed.flush()])
    chunks = [(b"IHDR", header), (b"IDAT", data), (b"IEND", b"")]
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, content in chunks:
            file.write(struct.pack(">I", len(content)) + kind + content)
            file.write(struct.pack(">I", zlib.crc32(kind + content)))
    return path


@pytest.fixture(scope="module")
def huge(tmp_path_factory, request) -> Path:
    """A PNG beyond the limit: a ramp in a noisy line, so that it does not pack like a bomb."""
    line = np.random.default_rng(3).integers(0, 256, SIDE, dtype=np.uint8)
    return huge_png(tmp_path_factory.mktemp("huge") / "ortho.png", line.tobytes(), 1)


def test_a_png_of_more_than_179_megapixels_is_read_in_strips(huge):
    info = inspect(huge, Recipe(tile=8192, overlap=0))

    assert (info.width, info.height, len(info.tiles)) == (SIDE, SIDE, 4)
    assert size_of(huge) == (SIDE, SIDE)
    line = np.random.default_rng(3).integers(0, 256, SIDE, dtype=np.uint8)
    for col, row in ((0, 0), (7_000, 200), (100, 300), (13_400, 13_480)):  # along a strip, back, and far down
        part = read_rgb(huge, Window(col, row, 20, 20), Rendering())
        np.testing.assert_array_equal(part[..., 0], np.broadcast_to(line[col : col + 20], (20, 20)))


def test_a_jpeg_of_more_than_179_megapixels_is_read_in_strips(tmp_path):
    line = (np.arange(SIDE) * 255 // SIDE).astype(np.uint8)
    path = write(tmp_path / "ortho.jpg", np.broadcast_to(line, (1, SIDE, SIDE)), "JPEG", QUALITY="95")
    path.write_bytes(path.read_bytes() + bytes(1 << 20))  # a ramp packs far better than a photograph
    info = inspect(path, Recipe(tile=8192, overlap=0))

    assert (info.driver, len(info.tiles)) == ("JPEG", 4)
    part = read_rgb(path, Window(9_000, 9_000, 64, 64), info.rendering)
    np.testing.assert_allclose(part[..., 0], np.broadcast_to(line[9_000:9_064], (64, 64)), atol=3)


def test_an_interlaced_png_of_that_size_is_refused_for_it_would_have_to_be_held_whole(huge, tmp_path):
    data = bytearray(huge.read_bytes())
    data[28] = 1
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    (tmp_path / "passes.png").write_bytes(data)
    with pytest.raises(ImageError, match="stored in passes"):
        inspect(tmp_path / "passes.png")


def test_a_bomb_of_that_size_stays_refused(tmp_path):
    path = huge_png(tmp_path / "bomb.png", bytes(SIDE), 9)
    with pytest.raises(ImageError, match="more than the 178,956,970 pixels"):
        inspect(path)


def test_a_bomb_padded_beyond_the_first_look_stays_refused(tmp_path, noise):
    """16 bits a sample, read in parts from the start: twice the bytes from the same file."""
    path = tmp_path / "bomb.png"
    side = 40_000
    header = struct.pack(">IIBBBBB", side, side, 16, 2, 0, 0, 0)
    content = bytes(1 << 20)
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header)
        file.write(struct.pack(">I", zlib.crc32(b"IHDR" + header)))
        file.write(
            struct.pack(">I", len(content)) + b"IDAT" + content + struct.pack(">I", zlib.crc32(b"IDAT" + content))
        )
    with pytest.raises(ImageError, match="decompression bomb"):
        inspect(path)


def test_every_window_of_a_jpeg_2000_file_of_many_blocks_reads_as_in_a_tiff(tmp_path, noise):
    samples = noise(3, 150, 210)
    blocks = {"BLOCKXSIZE": 64, "BLOCKYSIZE": 64, "QUALITY": "100", "REVERSIBLE": "YES", "YCC": "NO"}
    jp2 = write(tmp_path / "scene.jp2", samples, "JP2OpenJPEG", **blocks)
    for window in (Window(0, 0, 20, 20), Window(60, 60, 10, 10), Window(190, 130, 20, 20), Window(1, 2, 130, 140)):
        part = samples[:, window.row : window.row + window.height, window.col : window.col + window.width]
        np.testing.assert_array_equal(read_rgb(jp2, window, Rendering()), np.moveaxis(part, 0, -1))
    for band in (1, 2, 3):
        grey = read_rgb(jp2, Window(50, 50, 30, 30), Rendering(bands=(band,)))
        np.testing.assert_array_equal(grey[..., 0], samples[band - 1, 50:80, 50:80])


def test_a_jpeg_2000_file_that_changed_is_not_shown_as_it_was(tmp_path, noise):
    first, second = noise(3, 40, 40), 255 - noise(3, 40, 40)
    lossless = {"QUALITY": "100", "REVERSIBLE": "YES", "YCC": "NO"}
    for samples in (first, second):
        path = write(tmp_path / "scene.jp2", samples, "JP2OpenJPEG", **lossless)
        np.testing.assert_array_equal(read_rgb(path, Window(0, 0, 40, 40), Rendering()), np.moveaxis(samples, 0, -1))
