"""Copies of folders whose files are mostly holes, as the engine's are."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_STEP = 16 << 20


def copy_folder(source: Path, target: Path, without: str) -> None:
    """Copy a folder, leaving holes in files as they are and files named `without` out. Raises OSError."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(without), copy_function=_copy_file)


def occupied_bytes(folder: Path) -> int:
    """Disk space that a folder's files take, holes not counted."""
    return sum(_occupied(path.stat()) for path in folder.rglob("*") if path.is_file())


def _occupied(status: os.stat_result) -> int:
    blocks = getattr(status, "st_blocks", None)
    return status.st_size if blocks is None else blocks * 512


def _copy_file(source: str, target: str) -> str:
    with Path(source).open("rb") as reader, Path(target).open("wb") as writer:
        for start, stop in _extents(reader.fileno()):
            reader.seek(start)
            writer.seek(start)
            while start < stop:
                block = reader.read(min(_STEP, stop - start))
                if not block:
                    break
                writer.write(block)
                start += len(block)
        writer.truncate(os.fstat(reader.fileno()).st_size)
    return target


def _extents(descriptor: int) -> Iterator[tuple[int, int]]:
    """Where a file has data; the whole of it on systems that cannot say."""
    size = os.fstat(descriptor).st_size
    if not hasattr(os, "SEEK_DATA"):
        yield 0, size
        return
    stop = 0
    while stop < size:
        try:
            start = os.lseek(descriptor, stop, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return
            raise
        stop = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, stop
