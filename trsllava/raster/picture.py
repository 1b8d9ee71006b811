"""JPEG, PNG, WebP and BMP, through Pillow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from trsllava.errors import ImageError
from trsllava.raster.damage import (
    check_bands,
    check_dtype,
    check_file,
    check_size,
    check_window,
    too_large,
    unreadable,
)
from trsllava.raster.info import SceneInfo
from trsllava.raster.silence import without_warnings
from trsllava.raster.times import parse_time
from trsllava.records import Rendering, Window

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP")

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation to the transposition that sets the picture upright."""


def inspect(path: Path) -> SceneInfo:
    """Decode a picture to its last pixel and say what it is. Raises ImageError."""
    with _decoded(path) as image:
        orientation, acquired = _exif(image)
        size = (image.height, image.width) if orientation >= 5 else image.size
        return SceneInfo(
            width=size[0],
            height=size[1],
            bands=len(image.getbands()),
            dtype="uint8",
            driver=image.format or "",
            acquired=acquired,
        )


def read_rgb(path: Path, window: Window, rendering: Rendering) -> NDArray[np.uint8]:
    """Read the window of the upright picture as `(window.height, window.width, 3)` uint8. Raises ImageError."""
    with _decoded(path) as image:
        orientation, _ = _exif(image)
        upright = image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image
        check_window(path, window, *upright.size)
        col, row, width, height = window
        part = upright.crop((col, row, col + width, row + height))
        if rendering.bands is None:
            return np.array(on_black(part))
        check_bands(path, rendering.bands, len(part.getbands()))
        samples = np.atleast_3d(np.asarray(part.convert("L") if part.mode == "1" else part))
        return np.ascontiguousarray(samples[..., [band - 1 for band in rendering.bands]])


def on_black(image: Image.Image) -> Image.Image:
    """Turn any 8-bit picture into RGB, what is transparent into black.

    Colours hidden under full transparency are leftovers that nobody was meant to see, and black is how
    remote-sensing products mostly show "no data"; dropping the alpha channel would bring the leftovers back.
    """
    if not image.has_transparency_data:
        return image.convert("RGB")
    colours = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "black"), colours).convert("RGB")


@contextmanager
def _decoded(path: Path) -> Iterator[Image.Image]:
    check_file(path)
    try:
        with without_warnings():
            image = Image.open(path, formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise too_large(path) from error
    except UnidentifiedImageError as error:
        raise unreadable(path, "its content is no JPEG, PNG, WebP, BMP or TIFF image, or is damaged") from error
    except Exception as error:
        raise unreadable(path, f"the file is damaged ({error})") from error
    with image:
        check_size(path, *image.size)
        check_dtype(path, _dtype(path, image))
        try:
            image.load()
        except Exception as error:  # on damaged bytes Pillow's parsers raise whatever they stumble over
            raise unreadable(path, f"the file is damaged or cut short ({error})") from error
        try:
            yield image
        except ImageError:
            raise
        except (OSError, ValueError) as error:
            raise unreadable(path, str(error)) from error


def _dtype(path: Path, image: Image.Image) -> str:
    if image.format == "PNG":
        # Pillow hands out 16-bit colour as 8-bit without a word; the bit depth stands in the header (PNG, 11.2.2).
        with path.open("rb") as file:
            header = file.read(25)
        return "uint16" if header[24] == 16 else "uint8"
    return "uint8"


def _exif(image: Image.Image) -> tuple[int, datetime | None]:
    try:
        with without_warnings():
            exif = image.getexif()
            orientation = exif.get(ExifTags.Base.Orientation, 1)
            details = exif.get_ifd(ExifTags.IFD.Exif)
    except Exception:  # broken metadata is no reason to lose sound pixels
        return 1, None
    taken = details.get(ExifTags.Base.DateTimeOriginal, "")
    offset = details.get(ExifTags.Base.OffsetTimeOriginal, "")
    return (
        orientation if orientation in _UPRIGHT else 1,
        parse_time(str(taken), str(offset)),
    )
