"""What a run over documents and addresses would do, told without doing it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import trsllava
from tests.cli.test_commands import run
from tests.indexer.test_streaming import Scribe
from tests.sources.conftest import WriteScene, item, items, write_json, write_scene
from tests.standin.ranges import RangeServer, range_server
from trsllava.errors import InputError, OutOfReachError

__all__ = ["write_scene"]

NAMES = ("harbor", "forest", "airport")


@pytest.fixture
def served(tmp_path: Path, write_scene: WriteScene) -> Path:
    """An ItemCollection of three pictures of 2,000 pixels a side."""
    for name in NAMES:
        write_scene(f"{name}.tif", folder="served", side=2000)
    write_json(tmp_path / "served" / "items.json", items(*(item(name, {"visual": f"{name}.tif"}) for name in NAMES)))
    return tmp_path / "served"


@pytest.fixture
def server(served: Path) -> Iterator[RangeServer]:
    with range_server(served) as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[trsllava.Archive]:
    with trsllava.open(tmp_path / "home", image_encoder="none") as opened:
        yield opened


def test_scenes_here_count_by_their_headers(archive: trsllava.Archive, served: Path) -> None:
    found = archive.plan(served / "items.json")
    assert (found.new, found.tiles) == (3, 3 * 25)
    assert not archive.exists()


def test_scenes_elsewhere_count_as_one_picture_each_and_no_file_is_asked_for(
    archive: trsllava.Archive, server: RangeServer
) -> None:
    found = archive.plan(f"{server.url}/items.json")
    assert (found.new, found.tiles) == (3, 3)
    assert {asked.path for asked in server.requests} == {"/items.json"}
    assert not archive.exists()


def test_with_a_tile_size_they_count_by_their_headers(tmp_path: Path, server: RangeServer) -> None:
    with trsllava.open(tmp_path / "home", image_encoder="none", tile=1000, overlap=0) as archive:
        assert archive.plan(f"{server.url}/items.json").tiles == 3 * 4


def test_an_image_elsewhere_is_one_tile(archive: trsllava.Archive, server: RangeServer) -> None:
    assert archive.plan(f"{server.url}/harbor.tif").tiles == 1


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_what_is_known_new_changed_and_gone_is_told_apart(
    archive: trsllava.Archive, server: RangeServer, served: Path, write_scene: WriteScene, where: str
) -> None:
    source = served / "items.json" if where == "here" else f"{server.url}/items.json"
    archive.index(source, captioner=Scribe())
    before = archive.plan(source)
    assert (before.new, before.changed, before.unchanged, before.vanished, before.tiles) == (0, 0, 3, 0, 0)

    write_scene("new.tif", folder="served", side=100)
    write_scene("harbor.tif", folder="served", side=100)
    listed = [item(name, {"visual": f"{name}.tif"}) for name in ("harbor", "forest", "new")]
    write_json(served / "items.json", items(*listed, item("bare", {})))
    after = archive.plan(source)
    assert (after.new, after.changed, after.unchanged, after.vanished) == (1, 1, 1, 0)  # one of them cannot be read
    assert (after.tiles, after.unreadable) == (2, 1)

    write_json(served / "items.json", items(*listed))
    assert archive.plan(source).vanished == 1


def test_a_file_that_is_away_is_told(archive: trsllava.Archive, server: RangeServer, served: Path) -> None:
    archive.index(f"{server.url}/items.json", captioner=Scribe())
    (served / "harbor.tif").unlink()
    found = archive.plan(f"{server.url}/items.json")
    assert (found.unchanged, found.unreadable, found.vanished) == (2, 1, 0)


def test_a_source_that_is_away_or_is_none_is_an_error(archive: trsllava.Archive, server: RangeServer) -> None:
    with pytest.raises(OutOfReachError, match="there is no such file"):
        archive.plan(f"{server.url}/none.json")
    server.content["/page.json"] = b"{}"
    with pytest.raises(InputError, match="is no STAC"):
        archive.plan(f"{server.url}/page.json")


def test_the_command_tells_it(server: RangeServer, tmp_path: Path) -> None:
    result = run("index", f"{server.url}/items.json", "--dry-run", "--home", tmp_path / "home")
    assert result.output.startswith("3 new, 0 changed, 0 unchanged, 0 vanished files\n3 tiles to caption")
    assert not (tmp_path / "home").exists()
