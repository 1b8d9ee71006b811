from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from trsllava.completion import Usage
from trsllava.errors import HomeError, UnknownTileError
from trsllava.ledger.builds import CollectionSchema
from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.records import Rendering, RichCaption, RichText, Tile, Window
from trsllava.tile_id import tile_id

KEY = Rendering().key()
TEXT = RichText(
    variants=(RichCaption(caption="two cranes on a quay"),), labels=("harbor",), model="m", prompt="rsrt@1"
)


def tile_of(content: str) -> Tile:
    window = Window(0, 0, 8, 8)
    return Tile(id=tile_id(content, window, Rendering()), sha256=content, window=window)


def file_of(path: str, content: str | None, error: str = "") -> FileRow:
    return FileRow(path, "/images", 10, 20, content, KEY, error)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def test_a_new_tile_is_pending_and_knows_its_files(ledger: Ledger) -> None:
    tile = tile_of("aa")
    ledger.record_file(file_of("/images/b.png", "aa"), [tile])
    ledger.record_file(file_of("/images/a.png", "aa"), [tile])
    (record,) = ledger.scan()
    assert record.tile == tile
    assert record.paths == ("/images/a.png", "/images/b.png")
    assert record.state == "pending"


def test_a_text_makes_a_tile_captioned_and_the_store_makes_it_stored(ledger: Ledger) -> None:
    tile = tile_of("aa")
    ledger.record_file(file_of("/images/a.png", "aa"), [tile])
    ledger.record_text(str(tile.id), TEXT, attempts=2, usage=Usage(1, seconds=1.5))
    record = ledger.record(str(tile.id))
    assert (record.state, record.text, record.attempts) == ("captioned", TEXT, 2)
    ledger.mark_stored([str(tile.id)])
    assert ledger.counts() == {"pending": 0, "captioned": 0, "stored": 1, "quarantined": 0}
    assert ledger.models() == {"m, rsrt@1": 1}
    assert ledger.caption_seconds() == 1.5


def test_a_stored_tile_found_at_a_new_path_must_be_stored_again(ledger: Ledger) -> None:
    tile = tile_of("aa")
    ledger.record_file(file_of("/images/a.png", "aa"), [tile])
    ledger.record_text(str(tile.id), TEXT)
    ledger.mark_stored([str(tile.id)])
    ledger.record_file(file_of("/images/copy.png", "aa"), [tile])
    assert ledger.ids("captioned") == [str(tile.id)]


def test_a_quarantined_tile_keeps_reason_and_answer(ledger: Ledger) -> None:
    tile = tile_of("aa")
    ledger.record_file(file_of("/images/a.png", "aa"), [tile])
    ledger.quarantine(str(tile.id), "only three variants", "{…}", attempts=3)
    record = ledger.record(str(tile.id))
    assert (record.state, record.error, record.raw_answer) == ("quarantined", "only three variants", "{…}")


def test_a_postponed_tile_goes_on_waiting_with_reason_answer_and_attempts(ledger: Ledger) -> None:
    tile = tile_of("aa")
    ledger.record_file(file_of("/images/a.png", "aa"), [tile])
    for _ in range(2):
        ledger.postpone(str(tile.id), "only three variants", "{…}")
    record = ledger.record(str(tile.id))
    assert (record.state, record.attempts, record.error) == ("pending", 2, "only three variants")


def test_a_tile_is_dropped_with_its_last_file(ledger: Ledger) -> None:
    tile = tile_of("aa")
    ledger.record_file(file_of("/images/a.png", "aa"), [tile])
    ledger.record_file(file_of("/images/b.png", "aa"), [tile])
    ledger.forget_files(["/images/a.png"])
    assert ledger.forget_orphans() == []
    ledger.forget_files(["/images/b.png"])
    assert ledger.forget_orphans() == [str(tile.id)]
    assert list(ledger.scan()) == []


def test_files_under_a_folder_are_not_those_of_its_namesake(ledger: Ledger) -> None:
    for path in ("/images/a.png", "/images/sub/b.png", "/images2/c.png", "/images-old/d.png"):
        ledger.record_file(file_of(path, "aa"), [])
    assert sorted(ledger.files_under("/images")) == ["/images/a.png", "/images/sub/b.png"]


def test_an_unreadable_file_is_remembered_with_its_reason(ledger: Ledger) -> None:
    ledger.record_file(file_of("/images/a.png", None, "cut short"), [])
    assert [row.error for row in ledger.unreadable()] == ["cut short"]


def test_a_tile_is_found_by_the_beginning_of_its_id(ledger: Ledger) -> None:
    tile = tile_of("aa")
    ledger.record_file(file_of("/images/a.png", "aa"), [tile])
    assert ledger.record(str(tile.id)[:6]).tile == tile
    with pytest.raises(UnknownTileError, match="No tile"):
        ledger.record("zz")


def test_the_sample_is_the_same_every_time_and_only_of_stored_tiles(ledger: Ledger) -> None:
    tiles = [tile_of(f"{number:02d}") for number in range(20)]
    for tile in tiles:
        ledger.record_file(file_of(f"/images/{tile.sha256}.png", tile.sha256), [tile])
        ledger.record_text(str(tile.id), TEXT)
    stored = sorted(str(tile.id) for tile in tiles)[:15]
    ledger.mark_stored(stored)
    assert ledger.sample_ids(5) == stored[:5]


def test_tiles_may_change_state_while_they_are_scanned(ledger: Ledger) -> None:
    for number in range(1200):
        content = f"{number:04d}"
        ledger.record_file(file_of(f"/images/{content}.png", content), [tile_of(content)])
    seen = 0
    for record in ledger.scan("pending"):
        ledger.record_text(str(record.tile.id), TEXT)
        seen += 1
    assert seen == 1200


def test_what_is_written_is_there_after_reopening(tmp_path: Path) -> None:
    schema = CollectionSchema(encoder="words", dense_dim=32, average_length=7.5)
    first = Ledger(tmp_path / "ledger.sqlite")
    first.set_schema(schema)
    first.close()
    assert Ledger(tmp_path / "ledger.sqlite").schema() == schema


def test_a_ledger_of_a_later_version_is_refused(tmp_path: Path) -> None:
    Ledger(tmp_path / "ledger.sqlite").close()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(HomeError, match="newer trsllava"):
        Ledger(tmp_path / "ledger.sqlite")


def test_a_folder_that_cannot_be_made_gives_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HomeError, match="another with `home`"):
        Ledger(tmp_path / "file" / "ledger.sqlite")
