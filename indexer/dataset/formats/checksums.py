"""`SHA256SUMS` of a data set's files, as `sha256sum -c` reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from indexer.dataset.formats.draft import new_file

CHECKSUMS = "SHA256SUMS"


def write_checksums(folder: Path, files: Iterable[Path]) -> list[Path]:
    """A line a file, sorted by its path relative to the folder. Raises OSError for a file that is not there."""
    path = folder / CHECKSUMS
    lines = []
    for file in sorted(set(files)):
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        lines.append(f"{digest}  {file.relative_to(folder).as_posix()}\n")
    with new_file(path) as draft:
        draft.write_text("".join(lines), encoding="utf-8")
    return [path]
