"""The ledger's tables, as a list of steps; a ledger written by an earlier version is brought forward on opening."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from trsllava.errors import HomeError
from trsllava.ledger import extent, kept, words

_STEPS: tuple[str | Callable[[sqlite3.Connection], None], ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE files (
        path TEXT PRIMARY KEY,
        root TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        sha256 TEXT,
        rendering TEXT NOT NULL,
        error TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX files_by_content ON files (sha256, rendering);
    CREATE TABLE tiles (
        id TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL,
        rendering TEXT NOT NULL,
        tile TEXT NOT NULL,
        state TEXT NOT NULL,
        text TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        seconds REAL NOT NULL DEFAULT 0,
        error TEXT NOT NULL DEFAULT '',
        raw_answer TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX tiles_by_content ON tiles (sha256, rendering);
    CREATE INDEX tiles_by_state ON tiles (state, id);
    """,
    "ALTER TABLE files ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;",
    """
    ALTER TABLE tiles ADD COLUMN answered REAL;
    ALTER TABLE tiles ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tiles ADD COLUMN prompt_tokens INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tiles ADD COLUMN cached_tokens INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tiles ADD COLUMN completion_tokens INTEGER NOT NULL DEFAULT 0;
    """,
    """
    ALTER TABLE tiles ADD COLUMN refusals TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE tiles ADD COLUMN fingerprint TEXT;
    CREATE TABLE verdicts (
        tile_id TEXT NOT NULL,
        reviewer TEXT NOT NULL,
        verdict TEXT NOT NULL,
        text_digest TEXT NOT NULL,
        note TEXT NOT NULL,
        PRIMARY KEY (tile_id, reviewer)
    );
    """,
    "CREATE TABLE image_vectors (tile_id TEXT PRIMARY KEY, encoder TEXT NOT NULL, vector BLOB NOT NULL);",
    words.create,
    kept.TABLE,
    "CREATE TABLE image_vectors_aside (tile_id TEXT PRIMARY KEY, encoder TEXT NOT NULL, vector BLOB NOT NULL);",
    "ALTER TABLE files ADD COLUMN item TEXT NOT NULL DEFAULT '';",
    extent.create,
    "CREATE INDEX IF NOT EXISTS tiles_that_wait ON tiles (state) WHERE state = 'pending';",  # by number
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to this version's form. Raises HomeError for a ledger of a later version."""
    while (version := _version(connection)) < len(_STEPS):
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            if _version(connection) == version:  # else another process has just made this step
                _take(connection, _STEPS[version])
                connection.execute(f"PRAGMA user_version = {version + 1}")
    if version > len(_STEPS):
        raise HomeError(
            f"This collection was written by a newer trsllava (ledger version {version}, this one knows "
            f"{len(_STEPS)}). Update trsllava."
        )


def is_current(connection: sqlite3.Connection) -> bool:
    """True where the tables have this version's form, or a later one. Raises sqlite3.OperationalError."""
    return _version(connection) >= len(_STEPS)


def _take(connection: sqlite3.Connection, step: str | Callable[[sqlite3.Connection], None]) -> None:
    if not isinstance(step, str):
        step(connection)
        return
    for statement in filter(str.strip, step.split(";")):
        connection.execute(statement)


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
