"""The identity of a file's content, and what tells without reading it that it has changed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from trsllava.errors import ImageError
from trsllava.raster.damage import check_file, out_of_reach
from trsllava.raster.vrt import vrt_files


def state_of(path: Path) -> tuple[int, int]:
    """Size in bytes and time of the last change in nanoseconds; of a mosaic those of all its files. Raises OSError."""
    stats = [os.stat(file) for file in (path, *_parts(path))]
    return sum(stat.st_size for stat in stats), max(stat.st_mtime_ns for stat in stats)


def content_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hexadecimal digits, read in small pieces; of a mosaic one over those of all its
    files. Raises ImageError."""
    hashes = [_sha256(file) for file in (path, *_parts(path))]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _parts(path: Path) -> list[Path]:
    """The files that a mosaic is made of; of one that cannot be read none, and reading it will tell why."""
    if path.suffix.lower() != ".vrt":
        return []
    try:
        return list(dict.fromkeys(vrt_files(path)))
    except (ImageError, OSError):
        return []


def _sha256(path: Path) -> str:
    check_file(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise out_of_reach(path, error) from error
