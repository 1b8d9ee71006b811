"""Files that a command writes where it is told to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from trsllava.errors import InputError


def check_folder_of(path: Path) -> None:
    """Before minutes of work: raises InputError where the folder that a file is to be written into is missing, or a
    folder has the file's place."""
    if not path.parent.is_dir():
        raise InputError(f"{path} cannot be written: there is no folder {path.parent}.")
    if path.is_dir():
        raise InputError(f"{path} is a folder. Name a file in it.")


def write_lines(path: Path, lines: Iterable[str]) -> int:
    """Write a text file that appears whole or not at all; returns the number of lines.

    Raises InputError where the place cannot be written. An error that `lines` raises leaves an older file as it was.
    """
    written = 0
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        if path.is_dir():
            Path(draft).unlink()
            raise IsADirectoryError(0, "is a folder")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            for line in lines:
                file.write(line)
                written += 1
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return written
