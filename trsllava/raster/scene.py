"""One reader for all image files: what is in a file, and its pixels as an RGB picture."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trsllava.errors import InputError
from trsllava.raster import picture
from trsllava.raster.damage import check_file, unreadable
from trsllava.raster.info import SceneInfo
from trsllava.records import Rendering, Window

IMAGE_SUFFIXES: frozenset[str] = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""File names that are looked at, in lower case. What a file is, its content decides."""

_TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def inspect(path: Path) -> SceneInfo:
    """Decode a file to its last pixel, so that damage shows now and not in the middle of a run.

    Raises ImageError, one sentence with path and reason: not an image, damaged or cut short, empty, a folder,
    samples of more than 8 bits, more than `damage.MAX_PIXELS` pixels.
    """
    if _is_tiff(path):
        from trsllava.raster import geotiff

        return geotiff.inspect(path)
    return picture.inspect(path)


def read_rgb(path: Path, window: Window, rendering: Rendering) -> NDArray[np.uint8]:
    """Read a window of an image as the `(h, w, 3)` uint8 picture that its rendering describes.

    The window counts pixels of the upright picture (EXIF orientation applied). With `rendering.size` the longer
    side has exactly that many pixels, else `h, w` are the window's. What is transparent is black.
    Raises ImageError; InputError for a stretch that is not known.
    """
    if rendering.stretch != "none":
        raise InputError(f"the stretch {rendering.stretch!r} is not known; use 'none'")
    if _is_tiff(path):
        from trsllava.raster import geotiff

        pixels = geotiff.read_rgb(path, window, rendering)
    else:
        pixels = picture.read_rgb(path, window, rendering)
    return pixels if rendering.size is None else _resampled(pixels, rendering.size)


def thumbnail(path: Path, window: Window, rendering: Rendering, size: int) -> bytes:
    """A JPEG file of the picture, its longer side at most `size` pixels. Raises ImageError."""
    image = Image.fromarray(read_rgb(path, window, rendering))
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def _is_tiff(path: Path) -> bool:
    check_file(path)
    try:
        with path.open("rb") as file:
            return file.read(4) in _TIFF_SIGNATURES
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from error


def _resampled(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    scale = size / max(height, width)
    shape = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.array(Image.fromarray(pixels).resize(shape, Image.Resampling.LANCZOS))
