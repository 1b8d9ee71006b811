"""A watched folder: files are taken up once they have settled, and left alone while they are being written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

import trsllava
from indexer.discover import discover
from indexer.watching import settled
from tests.indexer.test_streaming import Scribe
from tests.sources.conftest import WriteScene, item, items, write_json, write_scene
from tests.standin.collection import Collection
from trsllava.errors import InputError
from trsllava.ledger.files import FileRow

__all__ = ["write_scene"]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[trsllava.Archive]:
    with trsllava.open(tmp_path / "home", image_encoder="none") as opened:
        yield opened


def looks(collection: Collection, *writes: Mapping[str, bytes]) -> Iterator[frozenset[str]]:
    """The names told of as still being written, where so much is written to the files before each look."""
    turn = iter(writes)

    def known(paths: Sequence[str]) -> Mapping[str, FileRow]:
        for name, content in next(turn).items():
            with (collection.images / name).open("ab") as file:
                file.write(content)
        return collection.ledger.files_at(paths)

    (collection.images / "first.png").write_bytes(b"so that every look asks what is known")
    discover(collection.images, collection.ledger)
    for unsettled in settled(collection.images, known, every=0):
        yield frozenset(Path(path).name for path in unsettled)


def test_a_file_that_was_the_same_at_two_looks_has_settled(collection: Collection) -> None:
    assert next(looks(collection, {"a.png": b"1"}, {}, {})) == frozenset()


def test_a_file_that_grows_is_told_of_once_it_has_stopped(collection: Collection) -> None:
    writes = [{"a.png": b"1"}] * 5
    found = looks(collection, *writes, {}, {})
    assert next(found) == frozenset()
    assert (collection.images / "a.png").stat().st_size == 5


def test_a_file_that_is_still_being_written_does_not_hold_up_the_others(collection: Collection) -> None:
    found = looks(collection, {"a.png": b"1", "b.png": b"1"}, {"b.png": b"2"}, {"b.png": b"3"}, {}, {})
    assert [next(found), next(found)] == [{"b.png"}, frozenset()]


def test_a_file_that_cannot_be_taken_up_is_told_of_once(collection: Collection) -> None:
    found = looks(collection, {"empty.png": b""}, {}, {}, {"empty.png": b"1"}, {}, {})
    assert next(found) == frozenset()
    next(found)
    assert (collection.images / "empty.png").stat().st_size == 1


def test_what_is_still_being_written_is_left_alone_and_not_taken_for_vanished(collection: Collection) -> None:
    collection.draw("a.png", "b.png")
    collection.describe({"a.png": "a crane", "b.png": "a barn"})
    path = (collection.images / "a.png").as_posix()
    report = collection.index(unsettled={path})
    assert (report.files.unsettled, report.captioned) == ([path], 1)
    assert collection.index().captioned == 1
    (collection.images / "a.png").write_bytes(b"half a pic")
    report = collection.index(unsettled={path}, prune=True)
    assert (report.files.vanished, report.pruned, collection.ledger.counts()["stored"]) == ([], 0, 2)


def test_an_archive_is_told_at_once_of_what_is_there_and_later_of_what_comes(
    collection: Collection, tmp_path: Path
) -> None:
    with trsllava.open(tmp_path / "other") as archive:
        rounds = archive.watch(collection.images, every=0)
        collection.draw("a.png")
        assert next(rounds) == frozenset()
        assert [Path(path).name for path in archive.index(collection.images).files.new] == ["a.png"]
        collection.draw("b.png")
        assert next(rounds) == frozenset()
        assert [Path(path).name for path in archive.index(collection.images).files.new] == ["b.png"]


def test_a_folder_that_is_none_is_refused_before_it_is_watched(collection: Collection, tmp_path: Path) -> None:
    with (
        trsllava.open(tmp_path / "other") as archive,
        pytest.raises(trsllava.errors.InputError, match="does not exist"),
    ):
        next(archive.watch(tmp_path / "nowhere"))


def test_a_source_is_due_at_once_and_again(archive: trsllava.Archive, tmp_path: Path, write_scene: WriteScene) -> None:
    for name in ("harbor", "forest"):
        write_scene(f"{name}.tif")
    one, two = (item(name, {"visual": f"data/{name}.tif"}) for name in ("harbor", "forest"))
    source = write_json(tmp_path / "items.json", items(one))
    found = []
    for number, unsettled in enumerate(archive.watch(source, every=0)):
        report = archive.index(source, captioner=Scribe(), unsettled=unsettled)
        found.append((len(report.files.new), len(report.files.unchanged)))
        write_json(source, items(one, two))
        if number == 2:
            break
    assert found == [(1, 0), (1, 1), (0, 2)]


def test_what_is_not_there_is_not_watched(archive: trsllava.Archive, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        next(archive.watch(tmp_path / "none.json"))
