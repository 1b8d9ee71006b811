"""What a build keeps between runs: each result appears whole, or row by row, so that a killed run can go on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trsllava.errors import InputError


def read_json(path: Path) -> Any:
    """What a file holds; None where it is not there. Raises InputError for one that is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise _damaged(path) from error


def write_json(path: Path, value: Any) -> None:
    """Put a file in its place in one step. Equal values give equal bytes. Raises OSError."""
    write_whole(path, (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode())


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in its place in one step. Raises OSError."""
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class Journal:
    """Rows of a file, a line each, written as they come. A last line that was cut off by a kill is dropped."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self._path = path
        path.touch()
        whole = path.read_bytes()
        end = whole.rfind(b"\n") + 1
        if end < len(whole):
            os.truncate(path, end)

    def rows(self) -> Iterator[Any]:
        """In the order in which they were added. Raises InputError for a file that is damaged."""
        with self._path.open(encoding="utf-8") as file:
            try:
                rows = list(map(json.loads, file))
            except ValueError as error:
                raise _damaged(self._path) from error
        yield from rows

    def add(self, row: Any) -> None:
        """Add a row; it is in the file when this returns. Raises OSError."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is damaged. Delete it, and run the same command again: what it held is made anew.")
