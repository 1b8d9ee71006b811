"""What makes a file unreadable: one sentence each, with the path and the reason."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from trsllava.errors import ImageError
from trsllava.records import Window

MAX_PIXELS = 2 * 89_478_485
"""Pillow's own limit, beyond which a small file is taken for a decompression bomb; used for all formats."""


def unreadable(path: Path, reason: str) -> ImageError:
    """The error for one file; the caller raises it."""
    return ImageError(f"cannot read {path}: {' '.join(reason.split())}")


def check_file(path: Path) -> None:
    """Raises ImageError where the path is not a regular file with something in it."""
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise unreadable(path, "there is no such file") from error
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from error
    if stat.S_ISDIR(status.st_mode):
        raise unreadable(path, "it is a folder, not an image file")
    if not stat.S_ISREG(status.st_mode):
        raise unreadable(path, "it is not a regular file")
    if status.st_size == 0:
        raise unreadable(path, "the file is empty (0 bytes)")
    if not os.access(path, os.R_OK):
        raise unreadable(path, "permission denied")


def too_large(path: Path) -> ImageError:
    """The error for a picture that would not fit into memory when read whole; the caller raises it."""
    return unreadable(path, f"more than the {MAX_PIXELS:,} pixels that are read whole; cut it into smaller files")


def check_size(path: Path, width: int, height: int) -> None:
    """Raises ImageError where the picture would not fit into memory when read whole."""
    if width * height > MAX_PIXELS:
        raise too_large(path)


def check_dtype(path: Path, dtype: str) -> None:
    """Raises ImageError where samples are not 8-bit."""
    if dtype != "uint8":
        raise unreadable(
            path, f"its samples are {dtype}; only 8-bit images (uint8) are read for now, convert it first"
        )


def check_window(path: Path, window: Window, width: int, height: int) -> None:
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


def check_bands(path: Path, bands: tuple[int, ...], count: int) -> None:
    """Raises ImageError unless there are three bands, each of which the file has."""
    if len(bands) != 3 or min(bands) < 1 or max(bands) > count:
        raise unreadable(path, f"bands {bands} asked for; three numbers from 1 to {count} are needed")
