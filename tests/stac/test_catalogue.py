"""`trsllava export --stac`: a catalogue that pystac opens without a network."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pystac
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from trsllava.archive import Archive
from trsllava.cli.app import app
from trsllava.errors import InputError
from trsllava.stac.catalogue import Written, write_catalogue


def export(archive: Archive, *arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["export", *arguments, "--home", str(archive.settings.home)], catch_exceptions=False
    )


@pytest.mark.usefixtures("offline")
def test_the_whole_catalogue_validates(archive: Archive, tmp_path: Path) -> None:
    export(archive, "--stac", str(tmp_path / "catalogue"))
    catalogue = pystac.Catalog.from_file(str(tmp_path / "catalogue" / "catalog.json"))

    catalogue.validate()
    assert catalogue.validate_all() == 6
    assert {item.id for item in catalogue.get_items(recursive=True)} == set(archive.ledger.ids("stored"))
    ours = json.loads((tmp_path / "catalogue" / "trsllava.schema.json").read_text("utf-8"))
    for item in catalogue.get_items(recursive=True):
        jsonschema.validate(item.to_dict(), ours)


def test_the_collection_tells_its_extent(archive: Archive, tmp_path: Path) -> None:
    write_catalogue(archive, tmp_path / "catalogue")
    (collection,) = pystac.Catalog.from_file(str(tmp_path / "catalogue" / "catalog.json")).get_children()
    assert isinstance(collection, pystac.Collection)

    extent = archive.ledger.extent()
    assert extent.box is not None
    assert collection.extent.spatial.bboxes == [[extent.box.west, extent.box.south, extent.box.east, extent.box.north]]
    assert collection.extent.temporal.intervals == [[extent.start, extent.end]]


def test_thumbnails_lie_beside_their_items(archive: Archive, tmp_path: Path) -> None:
    assert write_catalogue(archive, tmp_path / "catalogue") == Written(6)
    for item in pystac.Catalog.from_file(str(tmp_path / "catalogue" / "catalog.json")).get_items(recursive=True):
        place = item.assets["thumbnail"].get_absolute_href()
        assert place is not None
        with Image.open(place) as picture:
            assert (picture.format, picture.size) == ("JPEG", (8, 8))
        assert set(item.assets) == {"thumbnail"}


def test_files_are_named_only_where_asked(archive: Archive, tmp_path: Path) -> None:
    export(archive, "--stac", str(tmp_path / "catalogue"), "--originals")
    items = pystac.Catalog.from_file(str(tmp_path / "catalogue" / "catalog.json")).get_items(recursive=True)

    for item in items:
        assert item.assets["original"].href == archive.tile(item.id).paths[0]


@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_what_is_there_already_stays(archive: Archive, tmp_path: Path, there: str) -> None:
    place = tmp_path / "catalogue"
    if there == "file":
        place.write_text("mine")
    elif there == "folder":
        place.mkdir()
        (place / "mine.txt").write_text("mine")
    else:
        (tmp_path / "mine").mkdir()
        place.symlink_to(tmp_path / "mine")
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(InputError, match=r"^/.*catalogue (is there already|cannot be written)"):
        write_catalogue(archive, place)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_catalogue_that_fails_leaves_nothing(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive.ledger, "captioned", lambda _: iter([None]))

    with pytest.raises(AttributeError):
        write_catalogue(archive, tmp_path / "catalogue")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "flags", [["--stac", "a", "--geoparquet", "b"], ["--stac", "a", "-o", "b"], ["--originals", "-o", "b"]]
)
def test_flags_that_exclude_each_other_are_refused(archive: Archive, flags: list[str]) -> None:
    with pytest.raises(InputError):
        export(archive, *flags)
