"""Tables of the service's own in a home folder: one SQLite file, opened when it is first needed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trsllava.errors import HomeError, Parameter


class Tables:
    """A SQLite file, shared by threads. Its methods raise HomeError where it cannot be read or written."""

    def __init__(self, path: Path, schema: str, holds: str) -> None:
        """`schema`: statements that make the tables where they are missing. `holds`: what is in them, for messages."""
        self._path, self._schema, self._holds = path, schema, holds
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def exist(self) -> bool:
        """True where something was ever written: a service that has nothing to keep writes nothing."""
        return self._path.exists()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Rows by name, while no other thread is at the file."""
        with self._lock, self._trouble():
            yield self._opened()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is kept, or nothing where it ends in an error."""
        with self._lock, self._trouble():
            db = self._opened()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                if db.in_transaction:  # SQLite ends it itself where the disk is full
                    db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
            try:
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA journal_mode=WAL")
                db.executescript(self._schema)
            except BaseException:
                db.close()
                raise
            self._connection = db
        return self._connection

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise HomeError(
                f"The {self._holds} in {self._path} cannot be read or written. Check that the disk has room and that "
                "the folder may be written, or choose another with ",
                Parameter("home"),
                ".",
            ) from error
