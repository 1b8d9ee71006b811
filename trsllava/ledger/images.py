"""Image vectors in the ledger's tables: little-endian float32, one row a tile. Those of an encoder that the collection
is being rebuilt with stand in a table of their own until then: the old ones are in use."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

import numpy as np

from trsllava.records import FloatArray

_CHUNK = 500
_TABLES = ("image_vectors", "image_vectors_aside")


def put(db: sqlite3.Connection, encoder: str, vectors: Mapping[str, FloatArray]) -> None:
    """Keep the vectors of tiles, and have those that the store holds already stored again."""
    db.executemany("INSERT OR REPLACE INTO image_vectors VALUES (?, ?, ?)", _rows(encoder, vectors))
    db.executemany(
        "UPDATE tiles SET state = 'captioned' WHERE state = 'stored' AND id = ?", [(tile_id,) for tile_id in vectors]
    )


def put_aside(db: sqlite3.Connection, encoder: str, vectors: Mapping[str, FloatArray]) -> None:
    """Keep the vectors of an encoder that the collection may be rebuilt with."""
    db.executemany("INSERT OR REPLACE INTO image_vectors_aside VALUES (?, ?, ?)", _rows(encoder, vectors))


def take_over(db: sqlite3.Connection, encoder: str) -> None:
    """The collection was rebuilt with this encoder: its vectors count, and no others are kept apart."""
    db.execute(
        "INSERT OR REPLACE INTO image_vectors SELECT tile_id, encoder, vector FROM image_vectors_aside"
        " WHERE encoder = ?",
        (encoder,),
    )
    db.execute("DELETE FROM image_vectors_aside")


def forget(db: sqlite3.Connection, ids: Sequence[str]) -> None:
    """Drop the vectors of tiles."""
    for table in _TABLES:
        db.executemany(f"DELETE FROM {table} WHERE tile_id = ?", [(tile_id,) for tile_id in ids])


def _rows(encoder: str, vectors: Mapping[str, FloatArray]) -> list[tuple[str, str, bytes]]:
    return [(tile_id, encoder, np.asarray(vector, "<f4").tobytes()) for tile_id, vector in vectors.items()]


def vectors(db: sqlite3.Connection, ids: Sequence[str], encoder: str) -> dict[str, FloatArray]:
    """What an encoder made of the given tiles, `(d,)` each; tiles without are left out."""
    found: dict[str, FloatArray] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        for table in _TABLES:
            rows = db.execute(
                f"SELECT tile_id, vector FROM {table} WHERE encoder = ? AND tile_id IN ({','.join('?' * len(chunk))})",
                (encoder, *chunk),
            )
            found.update((tile_id, np.frombuffer(blob, "<f4").astype(np.float32)) for tile_id, blob in rows)
    return found


def stored_without(db: sqlite3.Connection, encoder: str) -> list[str]:
    """Ids of the stored tiles without a vector of an encoder, sorted."""
    rows = db.execute(
        "SELECT id FROM tiles WHERE state = 'stored' AND NOT EXISTS"
        " (SELECT 1 FROM image_vectors WHERE tile_id = tiles.id AND encoder = ?) ORDER BY id",
        (encoder,),
    )
    return [row[0] for row in rows]
