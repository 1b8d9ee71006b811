"""Where and when the tiles lie is looked for once, and right after every change."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.standin.collection import Collection
from trsllava.ledger.extent import Extent
from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.records import Footprint, Rendering, RichCaption, RichText, Tile, Window
from trsllava.tile_id import tile_id

_TEXT = RichText(variants=(RichCaption(caption="a crane"),))


def tile(number: int, west: float, year: int = 2020) -> Tile:
    content, window = f"{number:064x}", Window(0, 0, 8, 8)
    return Tile(
        id=tile_id(content, window, Rendering()),
        sha256=content,
        window=window,
        rendering=Rendering(),
        footprint=Footprint(west=west, south=10, east=west + 1, north=11),
        acquired=datetime(year, 1, 1, tzinfo=UTC),
    )


def put(ledger: Ledger, one: Tile, *, captioned: bool = True) -> None:
    path = f"/images/{one.sha256[-4:]}.png"
    ledger.record_file(FileRow(path, "/images", 1, 1, one.sha256, one.rendering.key(), item=f"{one.footprint}"), [one])
    if captioned:
        ledger.record_text(str(one.id), _TEXT)


def corrected(one: Tile) -> Tile:
    """As a document that was corrected describes it: scenes of documents alone are."""
    return one.model_copy(update={"footprint": Footprint(west=40, south=10, east=41, north=11)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    """Two captioned tiles and one that waits, and their extent kept."""
    opened = Ledger(path)
    put(opened, tile(1, 4.0))
    put(opened, tile(2, 6.0, 2021))
    put(opened, tile(3, 30.0), captioned=False)
    opened.keep_extent()
    yield opened
    opened.close()


def recaption(ledger: Ledger) -> None:
    ledger.record_text(str(tile(1, 4.0).id), RichText(variants=(RichCaption(caption="a ship"),)))


def caption(ledger: Ledger) -> None:
    ledger.record_text(str(tile(3, 30.0).id), _TEXT)


def forget(ledger: Ledger) -> None:
    ledger.forget_files(["/images/0002.png"])
    ledger.forget_orphans()


def take_up_again(ledger: Ledger) -> None:
    forget(ledger)
    ledger.keep_extent()
    put(ledger, tile(2, 6.0, 2021), captioned=False)


def expected(west: float, east: float, last: int) -> Extent:
    return Extent(
        Footprint(west=west, south=10, east=east, north=11),
        datetime(2020, 1, 1, tzinfo=UTC),
        datetime(last, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (recaption, expected(4, 7, 2021)),
        (caption, expected(4, 31, 2021)),
        (forget, expected(4, 5, 2020)),
        (take_up_again, expected(4, 7, 2021)),
    ],
)
def test_the_extent_is_right_after_every_change(
    ledger: Ledger, path: Path, change: Callable[[Ledger], None], right: Extent
) -> None:
    reader = Ledger(path)
    assert ledger.extent() == reader.extent() == expected(4, 7, 2021)
    change(ledger)
    assert ledger.extent() == reader.extent() == right
    reader.close()


def test_a_place_that_is_corrected_counts(ledger: Ledger, path: Path) -> None:
    reader = Ledger(path)
    assert reader.extent() == expected(4, 7, 2021)
    with sqlite3.connect(path) as db:
        db.execute(
            "UPDATE tiles SET tile = ? WHERE id = ?", (corrected(tile(2, 6.0)).model_dump_json(), str(tile(2, 6.0).id))
        )
    db.close()
    assert reader.extent() == expected(4, 41, 2020)
    reader.close()


def test_the_tiles_are_not_looked_at_again_while_nothing_changes(ledger: Ledger, path: Path) -> None:
    """Tiles that nobody could read: whoever looked would fail."""
    with sqlite3.connect(path) as db:
        db.execute("DROP TRIGGER extent_changed_3")
        db.execute("UPDATE tiles SET tile = 'none'")
    db.close()
    other = Ledger(path)
    assert other.extent() == expected(4, 7, 2021)
    other.close()


def test_in_one_process_the_tiles_are_looked_at_once(ledger: Ledger, path: Path) -> None:
    caption(ledger)  # nothing is kept now
    told: list[str] = []
    ledger._db.set_trace_callback(told.append)
    assert ledger.extent() == ledger.extent() == expected(4, 31, 2021)
    assert len([statement for statement in told if "footprint" in statement]) == 1


def test_a_ledger_of_an_earlier_version_keeps_from_then_on(ledger: Ledger, path: Path) -> None:
    ledger.close()
    with sqlite3.connect(path) as db:
        for number in range(4):
            db.execute(f"DROP TRIGGER extent_changed_{number}")
        db.execute("DROP INDEX tiles_that_wait")
        db.execute("DELETE FROM meta WHERE key = 'extent'")
        db.execute("PRAGMA user_version = 9")
    db.close()
    opened = Ledger(path)
    opened.keep_extent()
    caption(opened)
    assert opened.extent() == expected(4, 31, 2021)
    opened.close()


def test_an_index_run_keeps_the_extent(collection: Collection) -> None:
    collection.draw("a.png")
    collection.describe({"a.png": "a crane"})
    collection.index()
    (kept,) = collection.ledger._db.execute("SELECT value FROM meta WHERE key = 'extent'").fetchone()
    assert kept == '{"box":null,"start":null,"end":null}'
