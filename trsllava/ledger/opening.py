"""Opening a ledger's file: for writing where that is possible, else for reading."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path

from trsllava.ledger.migrations import is_current, migrate

_UNWRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_WAIT_SECONDS = 30


class _Copied(sqlite3.Connection):
    """A connection to a temporary copy, which goes with it."""

    place: tempfile.TemporaryDirectory[str]

    def close(self) -> None:
        super().close()
        self.place.cleanup()


def open_ledger(path: Path) -> sqlite3.Connection:
    """The ledger at a path, made where there is none. Raises sqlite3.DatabaseError, OSError, HomeError for a ledger of
    a later version.

    In a read-only folder or on a full disk it is opened for reading; writing then raises sqlite3.OperationalError.
    """
    try:
        return _for_writing(path)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _UNWRITABLE or not path.is_file():
            raise
    return _for_reading(path) or _copied(path)


def _for_writing(path: Path, kind: type[sqlite3.Connection] = sqlite3.Connection) -> sqlite3.Connection:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(path, kind=kind)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _for_reading(path: Path) -> sqlite3.Connection | None:
    """The file as it is; None where it cannot be read without writing: it is of an earlier version, or a killed run
    left its log behind."""
    # SQLite reads a database with a log only where it may write, or find the log's index made by a writer. One without
    # a log is whole in its file.
    log = path.with_name(path.name + "-wal")
    whole = not log.exists() or not log.stat().st_size
    connection = _connect(path, "?mode=ro&immutable=1" if whole else "?mode=ro")
    try:
        if is_current(connection):
            return connection
    except sqlite3.OperationalError:
        pass
    connection.close()
    return None


def _copied(path: Path) -> sqlite3.Connection:
    place = tempfile.TemporaryDirectory("-trsllava", ignore_cleanup_errors=True)
    for file in (path, path.with_name(path.name + "-wal")):
        if file.exists():
            shutil.copyfile(file, Path(place.name, file.name))
    connection = _for_writing(Path(place.name, path.name), _Copied)
    assert isinstance(connection, _Copied)
    connection.place = place
    connection.execute("PRAGMA query_only = ON")  # what is written to a copy would be lost
    return connection


def _connect(path: Path, options: str = "", kind: type[sqlite3.Connection] = sqlite3.Connection) -> sqlite3.Connection:
    # A service searches from many threads; sqlite3 serialises their calls.
    return sqlite3.connect(
        path.absolute().as_uri() + options, uri=True, timeout=_WAIT_SECONDS, check_same_thread=False, factory=kind
    )
