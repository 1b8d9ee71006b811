"""What happened to a generation since it was optimised: which tiles were written or deleted (a text file, one id a
line), and whether any tile was replaced or deleted (an empty file)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

NAME = "unoptimised.txt"
WORN = "worn"
LINE_BYTES = 37
"""A UUID and a line feed."""


class Journal:
    """The files in the folder of a generation; read and written with the lease held."""

    def __init__(self, generation: Path) -> None:
        self._path = generation / NAME
        self._worn = generation / WORN

    def note(self, ids: Iterable[str]) -> None:
        """Called before the write itself, so that no write is missed."""
        with self._path.open("a", encoding="ascii") as stream:
            stream.writelines(f"{tile}\n" for tile in ids)

    def wear(self) -> None:
        """A tile is about to be replaced or deleted: the engine keeps counting its words."""
        self._worn.touch()

    def worn(self) -> bool:
        """True where document frequencies may be wrong."""
        return self._worn.exists()

    def renew(self) -> None:
        """Everything was written anew: nothing replaced or deleted is left."""
        self._worn.unlink(missing_ok=True)

    def size(self) -> int:
        """Bytes written so far; 0 where the generation is optimised."""
        return self._path.stat().st_size if self._path.exists() else 0

    def after(self, offset: int, limit: int) -> tuple[list[str], int]:
        """At most `limit` ids noted after `offset` bytes, and the offset that follows them."""
        if not self._path.exists():
            return [], offset
        with self._path.open(encoding="ascii") as stream:
            stream.seek(offset)
            lines = list(islice(stream, limit))
        return [line.strip() for line in lines], offset + sum(map(len, lines))
