"""The service's own tables: all of a change or nothing, and trouble told in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from trsllava.errors import HomeError
from trsllava.service.tables import Tables

SCHEMA = "CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, said TEXT NOT NULL) STRICT;"


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Tables]:
    with closing(Tables(tmp_path / "home" / "notes.sqlite", SCHEMA, "notes")) as tables:
        yield tables


def said(tables: Tables) -> list[str]:
    with tables.reading() as db:
        return [row["said"] for row in db.execute("SELECT said FROM notes ORDER BY id")]


def note(tables: Tables, *texts: str | None) -> None:
    with tables.writing() as db:
        for text in texts:
            db.execute("INSERT INTO notes (said) VALUES (?)", (text,))


def test_a_file_appears_with_what_is_first_written(tables: Tables) -> None:
    assert not tables.exist()
    note(tables, "a")
    assert tables.exist()
    assert said(tables) == ["a"]


def test_what_was_written_is_there_when_it_is_opened_again(tables: Tables) -> None:
    note(tables, "a")
    tables.close()
    tables.close()
    note(tables, "b")
    assert said(tables) == ["a", "b"]


def fail_after(tables: Tables, text: str, error: Exception, *, rolled_back: bool = False) -> None:
    with tables.writing() as db:
        db.execute("INSERT INTO notes (said) VALUES (?)", (text,))
        if rolled_back:
            db.execute("ROLLBACK")
        raise error


def test_a_change_that_fails_leaves_nothing(tables: Tables) -> None:
    note(tables, "a")
    with pytest.raises(KeyError):
        fail_after(tables, "b", KeyError())
    with pytest.raises(HomeError):
        fail_after(tables, "c", OSError())
    with pytest.raises(HomeError):
        note(tables, "d", None)
    assert said(tables) == ["a"]


def test_a_change_that_sqlite_took_back_itself_fails_by_its_own_error(tables: Tables) -> None:
    """As where the disk is full: what cannot be taken back twice hides no error."""
    with pytest.raises(KeyError, match="full"):
        fail_after(tables, "a", KeyError("full"), rolled_back=True)
    note(tables, "b")
    assert said(tables) == ["b"]


def test_threads_write_one_after_the_other(tables: Tables) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: note(tables, f"{number}", f"{number}"), range(40)))
    assert sorted(said(tables)) == sorted(2 * [f"{number}" for number in range(40)])


def test_another_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(HomeError, match=r"The notes in .*notes\.sqlite cannot be read or written\."):
        said(Tables(tmp_path / "notes.sqlite", SCHEMA, "notes"))
