"""The façade: what an answer knows of its collection, and how a collection is removed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

import trsllava
from tests.harbors import index_harbors
from trsllava.archive import Archive
from trsllava.cli.app import app
from trsllava.errors import UnsearchableError


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with ten captioned pictures in its default collection."""
    return index_harbors(tmp_path_factory.mktemp("archive"), 10)


@pytest.fixture
def archive(indexed: Path, tmp_path: Path) -> Iterator[Archive]:
    home = Path(shutil.copytree(indexed, tmp_path / "home"))
    with trsllava.open(home) as opened:
        yield opened


def run(archive: Archive, *arguments: str) -> Result:
    """Run a command on the archive; errors of ours come out as they are."""
    archive.close()
    home = str(archive.settings.home)
    return CliRunner().invoke(app, [*arguments, "--home", home], catch_exceptions=False)


def lose(archive: Archive, count: int) -> None:
    """Leave a collection as a killed rebuild does: captioned tiles that the store does not hold."""
    ids = archive.ledger.ids("stored")[:count]
    archive.ledger.mark_captioned(ids)
    archive.store.delete(ids)


def test_an_answer_over_the_whole_collection_has_nothing_to_say(archive: Archive) -> None:
    hits = archive.search("harbor with cranes", k=3)
    assert (len(hits), hits.notices(), hits.coverage.searchable) == (3, [], 10)


def test_an_answer_over_a_part_says_so(archive: Archive) -> None:
    lose(archive, 6)
    hits = archive.search("harbor with cranes")
    assert len(hits) == 4
    assert "Searched 4 of 10 captioned images." in hits.notices()[0]
    found = run(archive, "query", "harbor with cranes", "--json")
    told = json.loads(found.stdout)
    assert told["coverage"] == {"searchable": 4, "captioned": 10, "pending": 0}
    assert told["notices"] == hits.notices()
    assert hits.notices()[0] in found.stderr


def test_tiles_that_are_stored_again_for_new_paths_are_not_missed(archive: Archive) -> None:
    archive.ledger.mark_captioned()
    assert archive.search("harbor with cranes").notices() == []


@pytest.mark.parametrize("how", ["emptied", "dropped"])
def test_where_nothing_is_searchable_no_answer_pretends_that_nothing_fits(archive: Archive, how: str) -> None:
    lose(archive, 10)
    if how == "dropped":
        archive.store.drop()
    for _ in range(2):
        with pytest.raises(UnsearchableError, match=r"10 captioned images are not stored\. Run `trs"):
            archive.search("harbor with cranes")


def test_status_and_doctor_tell_of_tiles_that_wait(archive: Archive) -> None:
    lose(archive, 10)
    assert "not searchable yet: 10 captioned tiles" in run(archive, "status").stdout
    doctor = run(archive, "doctor")
    assert doctor.exit_code == 1
    assert "FAIL  vector store: No image can be found yet: 10 captioned images" in doctor.stdout


def leave_half_removed(archive: Archive, name: str = "default") -> Path:
    leftover = archive.settings.home / "collections" / f"{name}~deleted"
    (leftover / "store").mkdir(parents=True)
    (leftover / "ledger.sqlite").write_bytes(b"")
    return leftover


def test_a_collection_is_removed_beside_what_a_killed_removal_left(archive: Archive) -> None:
    leftover = leave_half_removed(archive)
    archive.delete()
    assert not leftover.exists()
    assert not archive.exists()


@pytest.mark.parametrize("name", ["default", "other"])
def test_the_next_write_sweeps_what_a_killed_removal_left(archive: Archive, name: str) -> None:
    leftover = leave_half_removed(archive, name)
    with archive.writing():
        assert not leftover.exists()


def test_a_caption_that_names_times_and_absent_things_is_no_request_for_them(tmp_path: Path) -> None:
    caption = "a harbor without cranes in summer 2019"
    (tmp_path / "images").mkdir()
    lines = []
    for name, said in (("a_20190701", caption), ("b_20200101", "a harbor with cranes"), ("c_20200101", "a forest")):
        Image.new("RGB", (8, 8), (len(lines), 0, 255)).save(tmp_path / "images" / f"{name}.png")
        lines.append(json.dumps({"image": f"{name}.png", "captions": [said]}))
    (tmp_path / "captions.jsonl").write_text("\n".join(lines))
    with trsllava.open(tmp_path / "home", image_encoder="none") as archive:
        archive.index(tmp_path / "images", captions=tmp_path / "captions.jsonl")
        of_harbor = archive.search(caption, exact_words=True, k=1)[0].tile.id
        found = archive.similar(str(of_harbor))

    assert [Path(hit.paths[0]).stem for hit in found] == ["b_20200101", "c_20200101"]
    assert (found.understood.unwanted, found.understood.time) == ((), None)
