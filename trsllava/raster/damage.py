"""What makes a file unreadable: one sentence each, with the path and the reason."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import numpy as np

from trsllava.errors import ImageError, OutOfReachError
from trsllava.raster.readable import Readable
from trsllava.records import Window

MAX_PIXELS = 2 * 89_478_485
"""Pillow's own limit, beyond which a small file is taken for a decompression bomb; used for all that is read whole."""
MAX_BLOCK_BYTES = 1 << 29
"""Of a file that is read in parts: the largest part that it may force upon us."""
MAX_EXPANSION = 10_000
"""Deflate packs at most 1,032 bytes into one; mosaics that are mostly holes are denser than this, too."""


LARGEST_PICTURE_EXPANSION = 300
"""Of JPEGs and PNGs that are too large to be read whole. A JPEG of one colour reaches this; a photograph or a map of
that size is far from it, a picture made to fill the memory is beyond."""


def unreadable(path: Readable, reason: str) -> ImageError:
    """The error for one file; the caller raises it."""
    return ImageError(f"cannot read {path}: {' '.join(reason.split())}")


def out_of_reach(path: Path, error: OSError) -> OutOfReachError:
    """The error for a file that the system does not hand out; the caller raises it."""
    reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
    return OutOfReachError(f"cannot read {path}: {reason}")


def check_file(path: Path) -> None:
    """Raises ImageError where the path is not a regular file with something in it, OutOfReachError where it is none
    that can be opened."""
    try:
        status = path.stat()
    except OSError as error:
        raise out_of_reach(path, error) from error
    except ValueError as error:  # a null character
        raise unreadable(path, "its name is none that a file can have") from error
    if stat.S_ISDIR(status.st_mode):
        raise unreadable(path, "it is a folder, not an image file")
    if not stat.S_ISREG(status.st_mode):
        raise unreadable(path, "it is not a regular file")
    if status.st_size == 0:
        raise unreadable(path, "the file is empty (0 bytes)")
    if not os.access(path, os.R_OK):
        raise OutOfReachError(f"cannot read {path}: permission denied")


def too_large(path: Readable) -> ImageError:
    """The error for a picture that would not fit into memory when read whole; the caller raises it."""
    return unreadable(
        path, f"more than the {MAX_PIXELS:,} pixels that are read whole; rewrite it as a tiled GeoTIFF, or cut it"
    )


def check_size(path: Readable, width: int, height: int) -> None:
    """Raises ImageError where the picture would not fit into memory when read whole."""
    if width * height > MAX_PIXELS:
        raise too_large(path)


def check_parts(path: Readable, dataset: Any) -> None:
    """Raises ImageError where a file that is read in parts (an open rasterio dataset) is a decompression bomb.

    Size alone is none: a scene of any size is read block by block. Blocks that would not fit into memory are, and a
    file that claims to hold ten thousand times more than its bytes can.
    """
    samples = dataset.count * max(np.dtype(dtype).itemsize for dtype in dataset.dtypes)
    high, wide = dataset.block_shapes[0]
    if high * wide * samples > MAX_BLOCK_BYTES:
        raise unreadable(
            path,
            f"its blocks of {wide} x {high} pixels are too large to be read in parts; rewrite it in tiles, as "
            "gdal_translate -co TILED=YES does",
        )
    whole = dataset.width * dataset.height * samples
    if not isinstance(path, Path) and dataset.driver in ("JPEG", "PNG"):
        check_size(path, dataset.width, dataset.height)  # of a remote file the bytes are not known
    most = LARGEST_PICTURE_EXPANSION if dataset.driver in ("JPEG", "PNG") else MAX_EXPANSION
    if not isinstance(path, Path) or dataset.driver == "VRT":  # a mosaic's pixels are in other files
        return
    if whole > MAX_BLOCK_BYTES and whole > most * path.stat().st_size:
        raise unreadable(
            path,
            f"it would expand from {path.stat().st_size / 1e6:,.1f} MB to {whole / 1e9:,.1f} GB and is taken for a "
            "decompression bomb",
        )


def check_window(path: Readable, window: Window, width: int, height: int) -> None:
    """Raises ImageError where the window does not lie within the picture."""
    if (
        min(window.col, window.row) < 0
        or min(window.width, window.height) < 1
        or window.col + window.width > width
        or window.row + window.height > height
    ):
        raise unreadable(
            path,
            f"the window {tuple(window)} lies outside of its {width} x {height} pixels; "
            "if the file has changed, index it again",
        )


def check_bands(path: Readable, bands: tuple[int, ...], count: int) -> None:
    """Raises ImageError unless there are three bands or one, each of which the file has."""
    if len(bands) not in (1, 3) or min(bands) < 1 or max(bands) > count:
        raise unreadable(path, f"bands {bands} asked for; one or three numbers from 1 to {count} are needed")
