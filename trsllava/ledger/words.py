"""The words of a collection's captions and labels, each with the number of tiles that have it.

Changed in the transaction that changes a tile's text, so that it is right at any moment: no query counts words anew.
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


def words(text: str) -> list[str]:
    """The words of a text in order, in lower case: runs of Latin letters without accents.

    Others are passed over: where a script sets no spaces, each sentence would be a new word.
    """
    return [word for word in _RUN.findall(text.lower()) if word.isascii() and len(word) <= _LONGEST]


def words_of(text: RichText) -> set[str]:
    """The distinct words of a tile's captions and labels."""
    return {word for said in (*text.texts(), *text.labels) for word in words(said)}


def create(db: sqlite3.Connection) -> None:
    """Make the table, and count the words of all texts that are there."""
    db.execute("CREATE TABLE words (word TEXT PRIMARY KEY, tiles INTEGER NOT NULL) WITHOUT ROWID")
    counts: Counter[str] = Counter()
    for (text,) in db.execute("SELECT text FROM tiles WHERE text IS NOT NULL"):
        counts.update(words_of(RichText.model_validate_json(text)))
    db.executemany("INSERT INTO words VALUES (?, ?)", counts.items())


def change(db: sqlite3.Connection, tile_id: str, text: RichText) -> None:
    """Note that a tile is about to get a text, in place of the one that it has."""
    row = db.execute("SELECT text FROM tiles WHERE id = ?", (tile_id,)).fetchone()
    if row is None:
        return
    before = words_of(RichText.model_validate_json(row[0])) if row[0] else set()
    after = words_of(text)
    db.executemany(
        "INSERT INTO words VALUES (?, 1) ON CONFLICT DO UPDATE SET tiles = tiles + 1",
        [(word,) for word in sorted(after - before)],
    )
    _take(db, Counter(before - after))


def forget(db: sqlite3.Connection, texts: Iterable[str]) -> None:
    """Note that tiles with these texts (JSON) are gone."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(words_of(RichText.model_validate_json(text)))
    _take(db, counts)


def _take(db: sqlite3.Connection, counts: Counter[str]) -> None:
    db.executemany("UPDATE words SET tiles = tiles - ? WHERE word = ?", [(n, word) for word, n in counts.items()])
    db.executemany("DELETE FROM words WHERE word = ? AND tiles <= 0", [(word,) for word in counts])


def counts(db: sqlite3.Connection, asked: Sequence[str]) -> dict[str, int]:
    """The number of tiles that have each of the given words; words that no tile has are left out."""
    found: dict[str, int] = {}
    for start in range(0, len(asked), _CHUNK):
        chunk = asked[start : start + _CHUNK]
        found.update(db.execute(f"SELECT word, tiles FROM words WHERE word IN ({','.join('?' * len(chunk))})", chunk))
    return found


def counts_between(db: sqlite3.Connection, shortest: int, longest: int) -> dict[str, int]:
    """All words of `shortest` to `longest` letters, with the number of tiles that have them."""
    return dict(db.execute("SELECT word, tiles FROM words WHERE length(word) BETWEEN ? AND ?", (shortest, longest)))
