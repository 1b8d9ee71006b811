"""What the count of a collection's words costs: while captions arrive, once for an older ledger, and in a query.

    python -m eval.benchmarks.vocabulary --tiles 100000

Tiles have five captions each, of the sample archive's grammar or of a file (`--captions`), whose images' captions are
then drawn at random. Times are of the processor, for machines have other work too.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import string
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from eval.benchmarks.sentence_vectors import CAPTIONS_A_TILE
from indexer.progress import no_progress
from indexer.vocabulary import count_words
from trsllava.ledger import words
from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.records import Rendering, RichCaption, RichText, Tile, Window
from trsllava.search.spelling import repair

_QUERIES = ("a harbor with cranes and white boats", "a silo beside a culvert", "a habor with crains and whiet boats")
"""All words the collection's own; words that English alone has; slips."""
_REPEATS = 50
_MANY = 20_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.vocabulary", description=__doc__)
    parser.add_argument("--tiles", type=int, default=100_000)
    parser.add_argument("--captions", type=Path, help="captions to draw from, JSON lines")
    given = parser.parse_args(arguments)
    texts = list(_texts(given.tiles, given.captions))
    with TemporaryDirectory(prefix="trsllava-words-") as folder:
        ledger = Ledger(Path(folder) / "ledger.sqlite")
        ids = _pending(ledger, given.tiles)
        counted = _seconds(lambda: _record(ledger.record_text, ids, texts))
        ledger.close()
        with sqlite3.connect(Path(folder) / "ledger.sqlite") as db:
            db.execute("PRAGMA synchronous = NORMAL")
            uncounted = _seconds(lambda: _record(lambda i, text: _plainly(db, i, text), ids, texts))
            db.execute("DROP TABLE words")
            words.create(db)
        db.close()
        ledger = Ledger(Path(folder) / "ledger.sqlite")
        filled = _seconds(lambda: count_words(ledger, no_progress))
        known = len(ledger.words_between(1, 40))
        ledger.close()
        print(f"{given.tiles:,} tiles, {known:,} words")
        print(f"record a text: {1e3 * counted / given.tiles:.3f} ms a tile, of which words "
              f"{1e3 * (counted - uncounted) / given.tiles:.3f} ms")  # fmt: skip
        print(f"count an older ledger's words: {filled:.1f} s")
        _query(Path(folder) / "ledger.sqlite")
        with sqlite3.connect(Path(folder) / "ledger.sqlite") as db:
            db.executemany("INSERT OR IGNORE INTO words VALUES (?, 1)", [(word,) for word in _made_up(_MANY)])
        db.close()
        print(f"with {_MANY:,} more words, made up")
        _query(Path(folder) / "ledger.sqlite")


def _query(path: Path) -> None:
    ledger = Ledger(path)
    for query in _QUERIES:
        first = _seconds(lambda: repair(query, ledger))  # noqa: B023
        later = _seconds(lambda: [repair(query, ledger) for _ in range(_REPEATS)]) / _REPEATS  # noqa: B023
        print(f"{query!r} -> {repair(query, ledger).text!r}: first {1e3 * first:.1f} ms, then {1e3 * later:.1f} ms")
    ledger.close()


def _made_up(count: int) -> list[str]:
    rng = random.Random(0)
    return ["".join(rng.choices(string.ascii_lowercase, k=rng.randint(4, 12))) for _ in range(count)]


def _texts(tiles: int, captions: Path | None) -> Iterator[RichText]:
    if captions is None:
        from trsllava.sample.grammar import captions as drawn

        sentences = list(drawn(tiles * CAPTIONS_A_TILE, 20))
    else:
        from trsllava.captioners.imported import read_caption_file

        sentences = [said for text in read_caption_file(captions).texts.values() for said in text.texts()]
        random.Random(20).shuffle(sentences)
    for tile in range(tiles):
        own = (sentences[(tile * CAPTIONS_A_TILE + n) % len(sentences)] for n in range(CAPTIONS_A_TILE))
        yield RichText(variants=tuple(RichCaption(caption=said) for said in own))


def _pending(ledger: Ledger, tiles: int) -> list[str]:
    window, key = Window(0, 0, 1, 1), Rendering().key()
    for start in range(0, tiles, 1000):
        some = [Tile(id=UUID(int=n), sha256=f"{start}", window=window) for n in range(start, min(start + 1000, tiles))]
        ledger.record_file(FileRow(f"/{start}.png", "/", 1, 1, f"{start}", key), some)
    return [str(UUID(int=n)) for n in range(tiles)]


def _record(record: Callable[[str, RichText], None], ids: Sequence[str], texts: Sequence[RichText]) -> None:
    for tile, text in zip(ids, texts, strict=True):
        record(tile, text)


def _plainly(db: sqlite3.Connection, tile: str, text: RichText) -> None:
    """As the ledger records a text, less the words."""
    db.execute("UPDATE tiles SET state = 'captioned', text = ? WHERE id = ?", (text.model_dump_json(), tile))
    db.commit()


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
