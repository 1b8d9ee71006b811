"""Texts of removed tiles are kept, and taken up when the same content comes back."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.ledger.words import words_of
from trsllava.records import Rendering, RichCaption, RichText, Tile, Verdict, Window
from trsllava.tile_id import tile_id

PLAIN, STRETCHED = Rendering(), Rendering(stretch="range:0,100")


def text(caption: str) -> RichText:
    return RichText(variants=(RichCaption(caption=caption),))


def add(ledger: Ledger, content: str, rendering: Rendering = PLAIN, folder: str = "/images") -> tuple[str, int]:
    """The tile's id, and whether it took up a text."""
    window = Window(0, 0, 8, 8)
    tile = Tile(id=tile_id(content, window, rendering), sha256=content, window=window, rendering=rendering)
    file = FileRow(f"{folder}/{content}.png", folder, 10, 20, content, rendering.key())
    return str(tile.id), ledger.record_file(file, [tile])


def remove(ledger: Ledger, content: str, folder: str = "/images") -> None:
    ledger.forget_files([f"{folder}/{content}.png"])
    ledger.forget_orphans()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def test_a_tile_that_comes_back_has_its_text_and_must_be_stored_again(ledger: Ledger) -> None:
    tile, taken = add(ledger, "aa")
    assert taken == 0
    ledger.record_text(tile, text("a crane"))
    ledger.mark_stored([tile])
    remove(ledger, "aa")
    assert ledger.counts() == dict.fromkeys(ledger.counts(), 0)
    assert add(ledger, "aa", folder="/elsewhere") == (tile, 1)
    record = ledger.record(tile)
    assert (record.state, record.text, record.paths) == ("captioned", text("a crane"), ("/elsewhere/aa.png",))


def test_a_tile_may_go_and_come_back_again_and_again(ledger: Ledger) -> None:
    tile, _ = add(ledger, "aa")
    for caption in ("a crane", "a blue crane"):
        ledger.record_text(tile, text(caption))
        remove(ledger, "aa")
        assert add(ledger, "aa") == (tile, 1)
        assert ledger.record(tile).text == text(caption)


def test_the_same_content_rendered_otherwise_is_another_tile(ledger: Ledger) -> None:
    tile, _ = add(ledger, "aa")
    ledger.record_text(tile, text("a crane"))
    remove(ledger, "aa")
    assert add(ledger, "aa", STRETCHED)[1] == 0


def test_a_tile_without_text_leaves_nothing_behind(ledger: Ledger) -> None:
    waiting, _ = add(ledger, "aa")
    refused, _ = add(ledger, "bb")
    ledger.quarantine(refused, "too short", "{}")
    for content in ("aa", "bb"):
        remove(ledger, content)
        assert add(ledger, content)[1] == 0
    assert set(ledger.ids("pending")) == {waiting, refused}


def test_verdicts_on_a_text_are_there_when_it_is_back(ledger: Ledger) -> None:
    tile, _ = add(ledger, "aa")
    ledger.record_text(tile, text("a crane"))
    verdict = Verdict(tile_id=tile, reviewer="anna", verdict="accept", text_digest=text("a crane").digest())
    ledger.record_verdicts([verdict])
    remove(ledger, "aa")
    add(ledger, "aa")
    assert ledger.verdicts() == [verdict]


def test_compacting_forgets_what_was_kept_and_gives_back_its_room(ledger: Ledger, tmp_path: Path) -> None:
    for number in range(300):
        tile, _ = add(ledger, f"{number}")
        ledger.record_text(tile, text(f"crane {number} " * 200))
        remove(ledger, f"{number}")
    kept, _ = add(ledger, "7")
    with sqlite3.connect(tmp_path / "ledger.sqlite") as other:
        (pages,) = other.execute("PRAGMA page_count").fetchone()
        assert ledger.compact() == 299
        (left,) = other.execute("PRAGMA page_count").fetchone()
    other.close()
    assert left < pages / 4
    assert ledger.compact() == 0
    assert ledger.record(kept).text == text("crane 7 " * 200)
    assert add(ledger, "8")[1] == 0


def test_only_files_whose_content_no_other_holds_are_sole_holders(ledger: Ledger) -> None:
    for content, folder in (("aa", "/images"), ("aa", "/copy"), ("bb", "/images"), ("cc", "/images"), ("cc", "/copy")):
        add(ledger, content, folder=folder)
    ledger.record_file(FileRow("/images/bad.png", "/images", 1, 1, None, "", "cut short"), [])
    gone = ["/images/aa.png", "/images/bb.png", "/images/cc.png", "/copy/cc.png", "/images/bad.png", "/images/no.png"]
    assert ledger.sole_holders(gone) == ["/copy/cc.png", "/images/bb.png", "/images/cc.png"]
    assert ledger.sole_holders([]) == []


def test_a_ledger_of_the_version_before_opens_and_keeps_from_then_on(tmp_path: Path) -> None:
    before = Ledger(tmp_path / "ledger.sqlite")
    tile, _ = add(before, "aa")
    before.record_text(tile, text("a crane"))
    before.close()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        db.execute("DROP TABLE kept_texts")
        db.execute("DROP TABLE image_vectors_aside")
        db.execute("ALTER TABLE files DROP COLUMN item")
        db.execute("PRAGMA user_version = 6")
    db.close()
    ledger = Ledger(tmp_path / "ledger.sqlite")
    remove(ledger, "aa")
    assert add(ledger, "aa") == (tile, 1)


EVENTS = st.lists(
    st.tuples(st.sampled_from(["aa", "bb", "cc"]), st.sampled_from(["add", "remove", "a crane", "a ship", "compact"])),
    max_size=15,
)


@settings(deadline=None, max_examples=40)
@given(EVENTS)
def test_whatever_happens_a_tile_has_its_last_text_until_that_is_compacted(events: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.sqlite")
        there: set[str] = set()
        said: dict[str, str] = {}
        for content, event in events:
            if event == "remove":
                remove(ledger, content)
                there.discard(content)
            elif event == "compact":
                ledger.compact()
                said = {content: caption for content, caption in said.items() if content in there}
            else:
                tile, _ = add(ledger, content)
                there.add(content)
                if event != "add":
                    ledger.record_text(tile, text(event))
                    said[content] = event
        records = list(ledger.scan())
        found = {record.tile.sha256: record.text.variants[0].caption for record in records if record.text}
        assert found == {content: caption for content, caption in said.items() if content in there}
        counted = Counter(word for record in records if record.text for word in words_of(record.text))
        assert ledger.words_between(1, 40) == counted
        ledger.close()
