"""STAC documents that point to files here: indexed, found with their properties, and brought up to date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

import trsllava
from tests.sources.conftest import WriteScene, item, items, write_json, write_scene
from trsllava.cli.app import app
from trsllava.cli.flags import in_flags
from trsllava.errors import EmptyArchiveError, InputError
from trsllava.records import Asset, Filters
from trsllava.search.conditions import as_filters
from trsllava.service import ServiceSettings, create_app

__all__ = ["write_scene"]

SEEN = {"eo:cloud_cover": 12.5, "platform": "sentinel-2a", "gsd": 10}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[trsllava.Archive]:
    with trsllava.open(tmp_path / "home", image_encoder="none") as opened:
        yield opened


def _captions(folder: Path, **texts: str) -> Path:
    path = folder / "captions.jsonl"
    path.write_text("\n".join(json.dumps({"image": name, "captions": [text]}) for name, text in texts.items()))
    return path


@pytest.fixture
def two(tmp_path: Path, write_scene: WriteScene) -> Path:
    """An ItemCollection of two items beside their GeoTIFFs."""
    for name in ("harbor.tif", "forest.tif"):
        write_scene(name)
    document = items(
        item("harbor", {"visual": "data/harbor.tif"}, SEEN),
        item("forest", {"visual": "./data/forest.tif"}, {"eo:cloud_cover": 70, "platform": "landsat-8"}),
    )
    return write_json(tmp_path / "items.json", document)


def _index(archive: trsllava.Archive, source: Path, **options: Any) -> Any:
    texts = _captions(source.parent, harbor="a harbor with cranes", forest="a dense forest")
    return archive.index(source, captions=texts, **options)


def test_an_item_collection_is_indexed_and_found_by_a_query(archive: trsllava.Archive, two: Path) -> None:
    report = _index(archive, two)

    assert (report.captioned, report.stored, report.complete) == (2, 2, True)
    hit = archive.search("harbor with cranes", k=1)[0]
    assert hit.paths == (f"{two.as_posix()}/harbor",)
    assert hit.tile.acquired == datetime(2023, 6, 30, 10, 56, 31, tzinfo=UTC)
    assert hit.tile.properties == {"cloud_cover": 12.5, "platform": "sentinel-2a", "gsd": 10.0}
    assert hit.tile.assets == (Asset((two.parent / "data/harbor.tif").as_posix()),)


def test_a_tile_lies_where_its_raster_says(archive: trsllava.Archive, two: Path) -> None:
    _index(archive, two)

    footprint = archive.search("harbor", k=1)[0].tile.footprint
    assert footprint is not None
    assert footprint.west == pytest.approx(4.3095, abs=0.001)  # and not at the item's 4.3


def test_its_picture_is_that_of_the_file(archive: trsllava.Archive, two: Path) -> None:
    _index(archive, two)

    assert archive.picture(str(archive.search("harbor", k=1)[0].tile.id)).shape == (64, 64, 3)


def test_running_again_reads_nothing_anew(archive: trsllava.Archive, two: Path) -> None:
    _index(archive, two)
    again = _index(archive, two)

    assert (again.captioned, len(again.files.unchanged)) == (0, 2)


def test_corrected_metadata_are_taken_over_and_nothing_is_captioned_again(
    archive: trsllava.Archive, two: Path
) -> None:
    _index(archive, two)
    document = json.loads(two.read_bytes())
    document["features"][0]["properties"]["eo:cloud_cover"] = 3
    write_json(two, document)
    again = _index(archive, two)

    assert (again.captioned, again.stored) == (0, 1)
    assert archive.search("harbor", k=1)[0].tile.properties["cloud_cover"] == 3


def test_a_changed_file_is_a_new_picture(archive: trsllava.Archive, two: Path, write_scene: WriteScene) -> None:
    _index(archive, two)
    write_scene("other.tif", side=80).replace(two.parent / "data/harbor.tif")
    again = _index(archive, two)

    assert again.files.changed == [f"{two.as_posix()}/harbor"]
    assert archive.search("harbor", k=1)[0].tile.window.width == 80


def test_an_item_that_is_no_longer_listed_is_pruned_on_request(archive: trsllava.Archive, two: Path) -> None:
    _index(archive, two)
    document = json.loads(two.read_bytes())
    del document["features"][1]
    write_json(two, document)

    assert _index(archive, two).files.vanished == [f"{two.as_posix()}/forest"]
    assert archive.status().tiles["stored"] == 2
    assert _index(archive, two, prune=True).pruned == 1
    assert archive.status().tiles["stored"] == 1


def test_the_same_file_in_a_folder_and_in_an_item_is_one_tile(archive: trsllava.Archive, two: Path) -> None:
    _index(archive, two)
    archive.index(two.parent / "data", captions=_captions(two.parent))

    assert archive.status().tiles["stored"] == 2
    hit = archive.search("harbor", k=1)[0]
    assert set(hit.paths) == {f"{two.as_posix()}/harbor", f"{two.parent.as_posix()}/data/harbor.tif"}
    assert hit.tile.properties["platform"] == "sentinel-2a"


def test_a_missing_file_is_told_and_the_rest_is_indexed(archive: trsllava.Archive, two: Path) -> None:
    (two.parent / "data/forest.tif").unlink()
    report = _index(archive, two)

    assert report.captioned == 1
    (reason,) = report.files.unreadable.values()
    assert reason == f"cannot read {two.parent.as_posix()}/data/forest.tif: there is no such file"


def test_a_file_alone_is_indexed_and_its_neighbours_are_not(archive: trsllava.Archive, two: Path) -> None:
    texts = _captions(two.parent, **{"harbor.tif": "a harbor"})
    report = archive.index(two.parent / "data/harbor.tif", captions=texts)

    assert (report.captioned, report.files.total, report.complete) == (1, 1, True)
    assert next(archive.export()).startswith('{"image": "harbor.tif"')


@pytest.mark.parametrize("document", [{}, [], {"type": "Feature"}, {"type": "FeatureCollection"}, 3, "text"])
def test_json_that_is_no_stac_is_refused(archive: trsllava.Archive, tmp_path: Path, document: object) -> None:
    with pytest.raises(InputError, match="is no STAC item, collection, catalogue or ItemCollection"):
        archive.index(write_json(tmp_path / "other.json", document))
    assert not archive.exists()


def test_items_without_pictures_are_told(archive: trsllava.Archive, tmp_path: Path) -> None:
    document = items(item("scene", {"metadata": {"href": "scene.xml", "roles": ["metadata"]}}))

    report = archive.index(write_json(tmp_path / "items.json", document))
    assert list(report.files.unreadable.values()) == [f"{tmp_path}/items.json/scene has no asset that is a picture."]


def test_a_document_without_items_is_refused(archive: trsllava.Archive, tmp_path: Path) -> None:
    with pytest.raises(EmptyArchiveError, match="has no item with a picture"):
        archive.index(write_json(tmp_path / "items.json", items()))


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ("cloud_cover<20", ["harbor"]),
        ("cloud_cover>=12.5", ["forest", "harbor"]),
        ("platform=SENTINEL-2A", ["harbor"]),
        ("platform!=sentinel-2a", ["forest"]),
        (["cloud_cover>20", "platform=landsat-8"], ["forest"]),
        ("gsd=10", ["harbor"]),
        ("gsd!=10", ["forest"]),  # which says nothing of it
    ],
    ids=str,
)
def test_properties_are_filters(archive: trsllava.Archive, two: Path, conditions: Any, names: list[str]) -> None:
    _index(archive, two)

    hits = archive.search("a picture", properties=conditions)
    assert sorted(hit.paths[0].rpartition("/")[2] for hit in hits) == names


def test_a_property_that_no_scene_has_is_told_with_those_there_are(archive: trsllava.Archive, two: Path) -> None:
    _index(archive, two)

    with pytest.raises(InputError, match=r"no scene has the property 'cloudcover'. There are cloud_cover"):
        archive.search("harbor", properties="cloudcover<20")


def test_without_items_there_are_no_properties(archive: trsllava.Archive, two: Path) -> None:
    archive.index(two.parent / "data", captions=_captions(two.parent, **{"harbor.tif": "a harbor"}))

    with pytest.raises(InputError, match="properties come with STAC items"):
        archive.search("harbor", properties="colour=red")


def test_tiles_are_counted_by_property(archive: trsllava.Archive, two: Path) -> None:
    _index(archive, two)

    assert archive.facets().properties == {
        "cloud_cover": {"10..20": 1, "60..70": 1},
        "gsd": {"10": 1},
        "platform": {"landsat-8": 1, "sentinel-2a": 1},
    }
    filters = as_filters(Filters(), properties="platform=landsat-8")
    assert archive.facets(filters).properties == {"cloud_cover": {"60..70": 1}, "platform": {"landsat-8": 1}}
    assert archive.facets(filters).tiles == 1


def test_the_source_is_a_filter_and_a_facet(archive: trsllava.Archive, two: Path) -> None:
    _index(archive, two)

    assert archive.facets().sources[two.as_posix()] == 2
    assert len(archive.search("harbor", source=two)) == 2
    assert len(archive.search("harbor", source=f"{two}/harbor")) == 1


def test_the_command_line_filters_by_properties(two: Path) -> None:
    texts = _captions(two.parent, harbor="a harbor with cranes", forest="a dense forest")
    run = CliRunner().invoke
    assert run(app, ["index", str(two), "--captions", str(texts), "--image-encoder", "none"]).exit_code == 0
    found = run(app, ["query", "a picture", "--where", "cloud_cover<20", "--json"])
    assert [hit["paths"][0].rpartition("/")[2] for hit in json.loads(found.stdout)["hits"]] == ["harbor"]
    refused = run(app, ["query", "a picture", "--where", "clouds<20"])
    assert isinstance(refused.exception, InputError)
    assert in_flags(refused.exception).startswith("--where clouds<20: no scene has the property 'clouds'")


def test_the_service_filters_and_counts_by_properties(archive: trsllava.Archive, two: Path) -> None:
    _index(archive, two)
    settings = ServiceSettings(home=archive.settings.home)
    with TestClient(create_app(settings)) as client:
        asked = {"text": "a picture", "properties": ["cloud_cover<20", "platform=sentinel-2a"]}
        hits = client.get("/v1/search", params=asked).json()["hits"]
        assert [hit["tile"]["properties"]["cloud_cover"] for hit in hits] == [12.5]
        assert client.post("/v1/search", json=asked).json()["hits"] == hits
        told = client.get("/v1/facets", params={"properties": "cloud_cover>20"}).json()
        assert told["properties"] == {"cloud_cover": {"60..70": 1}, "platform": {"landsat-8": 1}}
        refused = client.get("/v1/search", params={"text": "a", "properties": "clouds<20"})
        assert (refused.status_code, "no scene has the property" in refused.text) == (400, True)
