"""A ledger's open file, and what its tables are read and written through."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trsllava.errors import HomeError, Parameter
from trsllava.ledger.opening import open_ledger

REMEDY = "Put a copy of it in place, or delete the collection's folder and index again."
"""What to do about a ledger that is damaged."""


class Connected:
    """One collection's SQLite file, opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_together = False
        with self._trouble():
            self._db = open_ledger(path)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, OSError) as error:
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                raise HomeError(f"The ledger {self._path} is damaged. {REMEDY}") from error
            raise HomeError(
                f"The ledger {self._path} cannot be written. Check that the disk has room and that the "
                "folder may be written, or choose another with ",
                Parameter("home"),
                ".",
            ) from error

    @contextmanager
    def together(self) -> Iterator[None]:
        """Around several writes: they are kept together, or none of them. A transaction each would be slow."""
        with self._writing():
            self._is_together = True
            try:
                yield
            finally:
                self._is_together = False

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        if self._is_together:
            yield self._db
            return
        with self._trouble(), self._db:
            yield self._db
