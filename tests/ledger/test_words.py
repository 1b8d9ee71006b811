from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import trsllava
from indexer.vocabulary import count_words
from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.ledger.words import words, words_of
from trsllava.records import Rendering, RichCaption, RichText, Tile, Window
from trsllava.tile_id import tile_id

KEY = Rendering().key()


def text(*captions: str, labels: tuple[str, ...] = ()) -> RichText:
    return RichText(variants=tuple(RichCaption(caption=caption) for caption in captions), labels=labels)


def add_tile(ledger: Ledger, content: str) -> str:
    window = Window(0, 0, 8, 8)
    tile = Tile(id=tile_id(content, window, Rendering()), sha256=content, window=window)
    ledger.record_file(FileRow(f"/images/{content}.png", "/images", 10, 20, content, KEY), [tile])
    return str(tile.id)


def counted(ledger: Ledger) -> dict[str, int]:
    return ledger.words_between(1, 40)


def recounted(ledger: Ledger) -> Counter[str]:
    return Counter(word for record in ledger.scan() if record.text for word in words_of(record.text))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def test_words_are_runs_of_latin_letters_in_lower_case() -> None:
    assert words("Two B-52s, near the dock's edge: 港口 café") == ["two", "b", "s", "near", "the", "dock", "s", "edge"]


def test_each_word_is_counted_once_a_tile_labels_included(ledger: Ledger) -> None:
    ledger.record_text(add_tile(ledger, "aa"), text("a crane, a crane", "a quay", labels=("harbor",)))
    ledger.record_text(add_tile(ledger, "bb"), text("a quay"))
    assert counted(ledger) == {"a": 2, "crane": 1, "quay": 2, "harbor": 1}


def test_words_can_be_asked_for_by_name_and_by_length(ledger: Ledger) -> None:
    ledger.record_text(add_tile(ledger, "aa"), text("a crane at a quay"))
    assert ledger.words(["crane", "quay", "ship"]) == {"crane": 1, "quay": 1}
    assert ledger.words_between(4, 4) == {"quay": 1}
    assert ledger.words([]) == {}


def test_a_text_that_is_replaced_takes_its_words_with_it(ledger: Ledger) -> None:
    tile = add_tile(ledger, "aa")
    ledger.record_text(tile, text("a crane"))
    ledger.record_text(tile, text("a ship"))
    assert counted(ledger) == {"a": 1, "ship": 1}


def test_a_text_of_no_known_tile_is_not_counted(ledger: Ledger) -> None:
    ledger.record_text("unknown", text("a crane"))
    assert counted(ledger) == {}


def test_words_go_with_their_last_tile(ledger: Ledger) -> None:
    for content in ("aa", "bb"):
        ledger.record_text(add_tile(ledger, content), text(f"a crane {content}"))
    ledger.forget_files(["/images/aa.png"])
    ledger.forget_orphans()
    assert counted(ledger) == {"a": 1, "crane": 1, "bb": 1}


def as_before_words(path: Path) -> None:
    """Make a ledger one of the version that did not count words."""
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE words")
        db.execute("DROP TABLE kept_texts")
        db.execute("DROP TABLE image_vectors_aside")
        db.execute("ALTER TABLE files DROP COLUMN item")
        db.execute("PRAGMA user_version = 5")
    db.close()


def test_a_ledger_of_an_earlier_version_tells_no_words_until_they_are_counted(tmp_path: Path) -> None:
    before = Ledger(tmp_path / "ledger.sqlite")
    before.record_text(add_tile(before, "aa"), text("a crane at a quay"))
    add_tile(before, "bb")
    before.close()
    as_before_words(tmp_path / "ledger.sqlite")
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.record_text(add_tile(ledger, "cc"), text("a ship"))
    assert (counted(ledger), ledger.words(["ship"]), ledger.uncounted()) == ({}, {}, 2)
    count_words(ledger, lambda stage, done, total: None)
    assert counted(ledger) == {"a": 2, "crane": 1, "at": 1, "quay": 1, "ship": 1}
    assert (ledger.uncounted(), ledger.count_words()) == (0, 0)


def test_an_earlier_ledger_without_texts_has_nothing_to_be_counted(tmp_path: Path) -> None:
    Ledger(tmp_path / "ledger.sqlite").close()
    as_before_words(tmp_path / "ledger.sqlite")
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.record_text(add_tile(ledger, "aa"), text("a crane"))
    assert counted(ledger) == {"a": 1, "crane": 1}


CONTENTS = st.sampled_from(["aa", "bb", "cc"])
CAPTIONS = st.lists(st.sampled_from(["a crane", "a ship", "two cranes", "7 tanks"]), min_size=1, max_size=3)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(CONTENTS, CAPTIONS | st.none()), max_size=12))
def test_after_whatever_happened_the_count_is_what_a_recount_gives(events: list[tuple[str, list[str] | None]]) -> None:
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.sqlite")
        for content, captions in events:
            if captions is None:
                ledger.forget_files([f"/images/{content}.png"])
                ledger.forget_orphans()
            else:
                ledger.record_text(add_tile(ledger, content), text(*captions))
        assert counted(ledger) == recounted(ledger)
        ledger.close()


EVENTS = st.lists(st.tuples(CONTENTS, CAPTIONS | st.none() | st.just("count")), max_size=12)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, EVENTS)
def test_an_earlier_ledger_is_counted_right_whatever_happens_between_slices(
    monkeypatch: pytest.MonkeyPatch,
    before: list[tuple[str, list[str] | str | None]],
    between: list[tuple[str, list[str] | str | None]],
) -> None:
    monkeypatch.setattr("trsllava.ledger.words._SLICE", 1)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        for events in (before, between):
            ledger = Ledger(path)
            for content, captions in events:
                if captions is None:
                    ledger.forget_files([f"/images/{content}.png"])
                    ledger.forget_orphans()
                elif isinstance(captions, str):
                    ledger.count_words()
                    ledger.close()  # as a kill between two slices
                    ledger = Ledger(path)
                else:
                    ledger.record_text(add_tile(ledger, content), text(*captions))
            if events is before:
                ledger.close()
                as_before_words(path)
        count_words(ledger, lambda stage, done, total: None)
        assert counted(ledger) == recounted(ledger)
        ledger.close()


@pytest.mark.parametrize("command", ["index", "reindex"])
def test_index_and_reindex_count_what_an_earlier_version_left(tmp_path: Path, command: str) -> None:
    images = tmp_path / "images"
    images.mkdir()
    Image.new("RGB", (16, 16), "navy").save(images / "a.png")
    captions = tmp_path / "captions.jsonl"
    captions.write_text('{"image": "a.png", "captions": ["a crane"]}\n', encoding="utf-8")
    with trsllava.open(tmp_path / "home") as archive:
        archive.index(images, captions=captions)
        path = archive.folder / "ledger.sqlite"
    as_before_words(path)
    with trsllava.open(tmp_path / "home") as archive:
        assert archive.ledger.words(["crane"]) == {}
        if command == "index":
            archive.index(images, captions=captions)
        else:
            archive.reindex()
        assert archive.ledger.words(["crane"]) == {"crane": 1}
