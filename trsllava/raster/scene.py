"""One reader for all image files: what is in a file, and its pixels as an RGB picture."""

from __future__ import annotations

import io
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trsllava.raster import picture
from trsllava.raster.damage import check_file, out_of_reach
from trsllava.raster.info import SceneInfo
from trsllava.raster.readable import Readable
from trsllava.raster.sensors import check_bands_wish
from trsllava.raster.sidecar import sidecar_time
from trsllava.raster.stretch import check_stretch
from trsllava.raster.tiling import check_tiling
from trsllava.raster.times import time_in_name
from trsllava.records import Recipe, Rendering, Window

IMAGE_SUFFIXES: frozenset[str] = frozenset(
    {".avif", ".bmp", ".gif", ".j2k", ".jp2", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".vrt", ".webp"}
    | ({".heic", ".heif"} if find_spec("pillow_heif") else set())
)
"""File names that are looked at, in lower case. What a file is, its content decides."""
OTHER_SUFFIXES: frozenset[str] = frozenset(
    {".ecw", ".h5", ".hdf", ".heic", ".heif", ".img", ".nc", ".ntf", ".sid", ".tga"} - IMAGE_SUFFIXES
)
"""Names of rasters that are not read; they are counted."""

SUPPORTED = "PNG, JPEG, TIFF, GeoTIFF, JPEG 2000, VRT, WebP, AVIF, GIF and BMP"
"""In words."""

_SIGNATURES_IN_PARTS = (
    *(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),  # TIFF
    *(b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"),  # JPEG 2000
)
_VRT = b"<VRTDataset"
_JPEG_SIGNATURE = b"\xff\xd8\xff"
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

DEFAULT_RECIPE = Recipe()


def check_recipe(recipe: Recipe) -> None:
    """Raises InputError, one sentence, for bands, a stretch or a tiling that cannot be."""
    check_bands_wish(recipe.bands)
    check_stretch(recipe.stretch)
    check_tiling(recipe)


def inspect(path: Readable, recipe: Recipe = DEFAULT_RECIPE) -> SceneInfo:
    """Decode a file to its last pixel, so that damage shows now and not in the middle of a run, and cut it to tiles.

    Raises ImageError, one sentence with path and reason: not an image, damaged or cut short, empty, a folder, a
    decompression bomb, several pages or frames, complex samples, bands or a stretch that do not fit it.
    """
    info = _reader(path).inspect(path, recipe)
    if not isinstance(path, Path):
        return replace(info, acquired=info.acquired or time_in_name(str(path).rpartition("/")[2]))
    if stated := sidecar_time(path):
        return replace(info, acquired=stated.start, acquired_end=stated.end if stated.end > stated.start else None)
    return replace(info, acquired=info.acquired or time_in_name(path.name))


def size_of(path: Readable) -> tuple[int, int]:
    """Width and height of an image in pixels, from its header alone. Raises ImageError."""
    return _reader(path).size_of(path)


def pixels_of(path: Readable) -> int:
    """Number of an image's pixels; nothing is decoded. Raises ImageError."""
    return _reader(path).pixels_of(path)


def read_rgb(path: Readable, window: Window, rendering: Rendering) -> NDArray[np.uint8]:
    """Read a window of an image as the `(h, w, 3)` uint8 picture that its rendering describes.

    The window counts pixels of the upright picture (EXIF orientation applied). With `rendering.size` the longer
    side has exactly that many pixels, else `h, w` are the window's. What is transparent or without data is black.
    Raises ImageError; InputError for a stretch that is not a rendering's.
    """
    pixels = _reader(path).read_rgb(path, window, rendering)
    return pixels if rendering.size is None else _resampled(pixels, rendering.size)


def thumbnail(path: Readable, window: Window, rendering: Rendering, size: int) -> bytes:
    """A JPEG file of the picture, its longer side at most `size` pixels. Raises ImageError."""
    smaller = rendering.model_copy(update={"size": min(size, max(window.width, window.height))})
    file = io.BytesIO()
    Image.fromarray(read_rgb(path, window, smaller)).save(file, "JPEG", quality=85)
    return file.getvalue()


class _Reader(Protocol):
    """What a module that reads files does, as the functions above say."""

    def inspect(self, path: Any, recipe: Recipe) -> SceneInfo: ...

    def size_of(self, path: Any) -> tuple[int, int]: ...

    def pixels_of(self, path: Any) -> int: ...

    def read_rgb(self, path: Any, window: Window, rendering: Rendering) -> NDArray[np.uint8]: ...


def _reader(path: Readable) -> _Reader:
    """The module that reads a file: GDAL for what is read in parts or has more than 8 bits, Pillow for the rest."""
    if not isinstance(path, Path):
        from trsllava.raster import geotiff

        return geotiff
    check_file(path)
    try:
        with path.open("rb") as file:
            start = file.read(25)
    except OSError as error:
        raise out_of_reach(path, error) from error
    # Pillow hands out 16-bit colour as 8-bit without a word; the bit depth stands in a PNG's header (PNG, 11.2.2).
    deep = start.startswith(_PNG_SIGNATURE) and start[24:] == b"\x10"
    in_parts = start.startswith(_SIGNATURES_IN_PARTS) or (path.suffix.lower() == ".vrt" and start.startswith(_VRT))
    if in_parts or deep or (start.startswith((_PNG_SIGNATURE, _JPEG_SIGNATURE)) and picture.is_beyond(path)):
        from trsllava.raster import geotiff

        return geotiff
    return picture


def _resampled(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    scale = size / max(height, width)
    shape = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.array(Image.fromarray(pixels).resize(shape, Image.Resampling.LANCZOS))
