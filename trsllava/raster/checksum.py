"""The identity of a file's content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from trsllava.raster.damage import check_file, out_of_reach


def content_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hexadecimal digits, read in small pieces. Raises ImageError."""
    check_file(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise out_of_reach(path, error) from error
