"""Texts of tiles that were removed. A tile that comes back has its text at once: its id is made of the file's content
and the way it is rendered, so the same picture has the same id wherever it lies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from trsllava.ledger import words
from trsllava.records import RichText

TABLE = "CREATE TABLE kept_texts (tile_id TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;"


def keep(db: sqlite3.Connection, tiles: Iterable[tuple[str, str | None]]) -> None:
    """Keep the texts (JSON) of tiles that are being removed, by id; tiles without are passed over."""
    db.executemany("INSERT OR REPLACE INTO kept_texts VALUES (?, ?)", [(i, text) for i, text in tiles if text])


def take_up(db: sqlite3.Connection, tile_id: str) -> bool:
    """Give a tile that waits for a caption the text that was kept of it: `captioned`. False where there is none."""
    row = db.execute(
        "DELETE FROM kept_texts WHERE tile_id = ? AND EXISTS"
        " (SELECT 1 FROM tiles WHERE id = tile_id AND state = 'pending') RETURNING text",
        (tile_id,),
    ).fetchone()
    if row is None:
        return False
    words.change(db, tile_id, RichText.model_validate_json(row[0]))
    db.execute("UPDATE tiles SET state = 'captioned', text = ? WHERE id = ?", (row[0], tile_id))
    return True


def forget(db: sqlite3.Connection) -> int:
    """Forget all that was kept; returns the number of texts."""
    return db.execute("DELETE FROM kept_texts").rowcount
