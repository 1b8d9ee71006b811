"""The words of a collection's captions and labels, each with the number of tiles that have it.

Changed in the transaction that changes a tile's text, so that it is right at any moment: no query counts words anew.
A ledger of a version that did not count is counted once, by tile id, a slice at a time: tiles past the mark are not in
the table yet, and until it is gone the table tells nothing.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

from trsllava.records import RichText

_LONGEST = 40
"""Letters; what is longer is no word."""
_RUN = re.compile(r"[^\W\d_]+")
_CHUNK = 500
_SLICE = 2000
"""Tiles counted in one transaction: about a second, for which others wait."""
_MARK = "words counted to"


def words(text: str) -> list[str]:
    """The words of a text in order, in lower case: runs of Latin letters without accents.

    Others are passed over: where a script sets no spaces, each sentence would be a new word.
    """
    return [word for word in _RUN.findall(text.lower()) if word.isascii() and len(word) <= _LONGEST]


def words_of(text: RichText) -> set[str]:
    """The distinct words of a tile's captions and labels."""
    return {word for said in (*text.texts(), *text.labels) for word in words(said)}


def create(db: sqlite3.Connection) -> None:
    """Make the table, empty; where there are texts, they are marked as not counted yet."""
    db.execute("CREATE TABLE words (word TEXT PRIMARY KEY, tiles INTEGER NOT NULL) WITHOUT ROWID")
    db.execute(
        "INSERT INTO meta SELECT ?, '' WHERE EXISTS (SELECT 1 FROM tiles WHERE text IS NOT NULL)",
        (_MARK,),
    )


def count_slice(db: sqlite3.Connection) -> int:
    """Count the words of some tiles that an earlier version left uncounted; returns how many, 0 where none is left."""
    counted_to = _mark(db)
    if counted_to is None:
        return 0
    rows = db.execute(
        "SELECT id, text FROM tiles WHERE id > ? AND text IS NOT NULL ORDER BY id LIMIT ?", (counted_to, _SLICE)
    ).fetchall()
    if not rows:
        db.execute("DELETE FROM meta WHERE key = ?", (_MARK,))
        return 0
    found = _count(text for _, text in rows)
    db.executemany(
        "INSERT INTO words VALUES (?, ?) ON CONFLICT DO UPDATE SET tiles = tiles + excluded.tiles", found.items()
    )
    db.execute("UPDATE meta SET value = ? WHERE key = ?", (rows[-1][0], _MARK))
    return len(rows)


def uncounted(db: sqlite3.Connection) -> int:
    """Number of tiles whose words `count_slice` has still to count."""
    counted_to = _mark(db)
    if counted_to is None:
        return 0
    found = db.execute("SELECT count(*) FROM tiles WHERE id > ? AND text IS NOT NULL", (counted_to,)).fetchone()
    return int(found[0])


def change(db: sqlite3.Connection, tile_id: str, text: RichText) -> None:
    """Note that a tile is about to get a text, in place of the one that it has."""
    row = db.execute("SELECT text FROM tiles WHERE id = ?", (tile_id,)).fetchone()
    if row is None or not _is_counted(tile_id, _mark(db)):
        return
    before = words_of(RichText.model_validate_json(row[0])) if row[0] else set()
    after = words_of(text)
    db.executemany(
        "INSERT INTO words VALUES (?, 1) ON CONFLICT DO UPDATE SET tiles = tiles + 1",
        [(word,) for word in sorted(after - before)],
    )
    _take(db, Counter(before - after))


def forget(db: sqlite3.Connection, tiles: Iterable[tuple[str, str | None]]) -> None:
    """Note that tiles with these ids and texts (JSON) are gone."""
    counted_to = _mark(db)
    _take(db, _count(text for tile_id, text in tiles if text and _is_counted(tile_id, counted_to)))


def _mark(db: sqlite3.Connection) -> str | None:
    """The id of the last tile that was counted, where not all are; None where they are."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_MARK,)).fetchone()
    return None if row is None else str(row[0])


def _is_counted(tile_id: str, counted_to: str | None) -> bool:
    return counted_to is None or tile_id <= counted_to


def _count(texts: Iterable[str]) -> Counter[str]:
    """In how many of these texts (JSON) each word stands."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(words_of(RichText.model_validate_json(text)))
    return counts


def _take(db: sqlite3.Connection, counts: Counter[str]) -> None:
    db.executemany("UPDATE words SET tiles = tiles - ? WHERE word = ?", [(n, word) for word, n in counts.items()])
    db.executemany("DELETE FROM words WHERE word = ? AND tiles <= 0", [(word,) for word in counts])


def counts(db: sqlite3.Connection, asked: Sequence[str]) -> dict[str, int]:
    """The number of tiles that have each of the given words; words that no tile has are left out.
    Nothing while tiles are uncounted."""
    found: dict[str, int] = {}
    if _mark(db) is not None:
        return found
    for start in range(0, len(asked), _CHUNK):
        chunk = asked[start : start + _CHUNK]
        found.update(db.execute(f"SELECT word, tiles FROM words WHERE word IN ({','.join('?' * len(chunk))})", chunk))
    return found


def counts_between(db: sqlite3.Connection, shortest: int, longest: int) -> dict[str, int]:
    """All words of `shortest` to `longest` letters, with the number of tiles that have them. Nothing while tiles are
    uncounted."""
    if _mark(db) is not None:
        return {}
    return dict(db.execute("SELECT word, tiles FROM words WHERE length(word) BETWEEN ? AND ?", (shortest, longest)))


def counts_beginning(db: sqlite3.Connection, prefix: str, limit: int) -> dict[str, int]:
    """The words that begin with `prefix` and stand in the most tiles, most first, with their numbers. Nothing while
    tiles are uncounted."""
    if _mark(db) is not None:
        return {}
    beyond = prefix + "{"  # follows "z" in ASCII
    rows = db.execute(
        "SELECT word, tiles FROM words WHERE word >= ? AND word < ? ORDER BY tiles DESC, word LIMIT ?",
        (prefix, beyond, limit),
    )
    return dict(rows.fetchall())
