"""STAC documents on this machine: walked through, and read as scenes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.sources.conftest import item, items, write_json
from trsllava.errors import InputError
from trsllava.raster.footprint import meets
from trsllava.records import Footprint
from trsllava.sources.opened import open_source
from trsllava.sources.scene import SceneSource, SourceScene
from trsllava.sources.stac import StacWalk, name_of, scenes_of


def _scenes(path: Path) -> tuple[list[SourceScene], dict[str, str]]:
    walk = StacWalk(path.as_posix())
    return list(scenes_of(walk, partial(name_of, path.as_posix()), walk.unreadable)), walk.unreadable


def _catalogue(*links: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {
        "type": "Catalog",
        "id": "c",
        "stac_version": "1.0.0",
        "links": [{"rel": rel, "href": href} for rel, href in links],
        **more,
    }


def test_a_catalogue_is_walked_to_its_items_in_the_order_of_its_links(tmp_path: Path) -> None:
    root = write_json(tmp_path / "catalog.json", _catalogue(("child", "./b/catalog.json"), ("item", "a.json")))
    write_json(tmp_path / "b/catalog.json", _catalogue(("item", "./one.json"), ("root", "../catalog.json")))
    write_json(tmp_path / "b/one.json", item("one", {"visual": "one.tif"}))
    write_json(tmp_path / "a.json", item("a", {"visual": "../elsewhere/a.tif"}))
    scenes, unreadable = _scenes(root)

    assert [scene.name for scene in scenes] == [f"{root}/one", f"{root}/a"]
    assert [scene.assets[0].href for scene in scenes] == [
        f"{tmp_path}/b/one.tif",
        f"{tmp_path.parent}/elsewhere/a.tif",
    ]
    assert unreadable == {}


def test_a_catalogue_that_links_in_a_circle_is_walked_once(tmp_path: Path) -> None:
    root = write_json(tmp_path / "catalog.json", _catalogue(("child", "./b.json"), ("child", "catalog.json")))
    write_json(tmp_path / "b.json", _catalogue(("child", "catalog.json"), ("item", "a.json"), ("item", "./a.json")))
    write_json(tmp_path / "a.json", item("a", {"visual": "a.tif"}))

    assert len(_scenes(root)[0]) == 1


def test_a_missing_or_broken_document_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    links = [("item", "gone.json"), ("item", "broken.json"), ("item", "ftp://x.example/a"), ("item", "a.json")]
    root = write_json(tmp_path / "catalog.json", _catalogue(*links))
    (tmp_path / "broken.json").write_text("{")
    write_json(tmp_path / "a.json", item("a", {"visual": "a.tif"}))
    scenes, unreadable = _scenes(root)

    assert len(scenes) == 1
    told = " ".join(unreadable.values())
    for reason in ("gone.json cannot be read: no such file", "no JSON at line 1", "scheme 'ftp' is not read"):
        assert reason in told


def test_a_collections_provider_is_its_items(tmp_path: Path) -> None:
    providers = [{"name": "Host", "roles": ["host"]}, {"name": "ESA", "roles": ["producer", "licensor"]}]
    root = write_json(
        tmp_path / "collection.json",
        _catalogue(("item", "a.json"), providers=providers) | {"type": "Collection"},
    )
    write_json(tmp_path / "a.json", item("a", {"visual": "a.tif"}, collection="c"))

    assert _scenes(root)[0][0].properties == {"provider": "ESA", "collection": "c"}


def test_an_item_says_when_where_and_what(tmp_path: Path) -> None:
    """As the specification's own core and extended items do, with every kind of common metadata."""
    ring = [[172.91, 1.34], [172.95, 1.35], [172.95, 1.37], [172.91, 1.36], [172.91, 1.34]]
    properties = {
        "datetime": None,
        "start_datetime": "2020-12-11T22:38:32.125Z",
        "end_datetime": "2020-12-11T22:38:32.327Z",
        "created": "2020-12-12T01:48:13.725Z",
        "platform": "cool_sat1",
        "instruments": ["cool_sensor_v1", "cool_sensor_v2"],
        "constellation": "ion",
        "mission": "collection 5624",
        "gsd": 0.512,
        "eo:cloud_cover": 1.2,
        "view:sun_elevation": 54.9,
        "proj:epsg": 32659,
        "sat:orbit_state": "ascending",
        "eo:remark": "see https://data.example/?token=geheim",
        "view:bad": float("inf"),
        "sar:flag": True,
    }
    geometry = {"type": "Polygon", "coordinates": [ring]}
    path = tmp_path / "item.json"
    document = item("core", {"visual": "v.tif"}, properties, geometry=geometry, bbox=[172.91, 1.34, 172.95, 1.37])
    path.write_text(json.dumps(document))
    (scene,) = _scenes(path)[0]

    assert scene.acquired == datetime(2020, 12, 11, 22, 38, 32, 125_000, UTC)
    assert scene.acquired_end == datetime(2020, 12, 11, 22, 38, 32, 327_000, UTC)
    assert scene.footprint is not None
    assert scene.footprint.polygon == tuple(map(tuple, ring))
    assert scene.properties == {
        "instruments": "cool_sensor_v1, cool_sensor_v2",
        "platform": "cool_sat1",
        "constellation": "ion",
        "mission": "collection 5624",
        "gsd": 0.512,
        "cloud_cover": 1.2,
        "view:sun_elevation": 54.9,
        "sat:orbit_state": "ascending",
    }


@pytest.mark.parametrize(
    "broken",
    [
        {"bbox": None, "geometry": None},
        {"bbox": ["a", 1, 2, 3]},
        {"bbox": [1, 2]},
        {"bbox": [4.3, 52, 4.4, 51]},
        {"geometry": {"type": "Polygon", "coordinates": [[[1]]]}, "bbox": None},
    ],
    ids=str,
)
def test_a_place_that_cannot_be_is_none(tmp_path: Path, broken: dict[str, Any]) -> None:
    path = write_json(tmp_path / "item.json", item("a", {"visual": "a.tif"}) | broken)

    assert _scenes(path)[0][0].footprint is None


def _footprint(tmp_path: Path, bbox: object, geometry: dict[str, Any] | None) -> Footprint | None:
    path = write_json(tmp_path / "item.json", item("a", {"visual": "a.tif"}, bbox=bbox) | {"geometry": geometry})
    return _scenes(path)[0][0].footprint


def _square(west: float, east: float) -> list[list[list[float]]]:
    return [[[west, 0.0], [east, 0.0], [east, 1.0], [west, 1.0], [west, 0.0]]]


@pytest.mark.parametrize("bbox", [[-180, 0, 180, 1], [179, 0, -179, 1], None], ids=str)
def test_an_outline_that_is_cut_at_the_dateline_is_joined(tmp_path: Path, bbox: object) -> None:
    halves = {"type": "MultiPolygon", "coordinates": [_square(179, 180), _square(-180, -179)]}

    assert _footprint(tmp_path, bbox, halves) == Footprint(west=179, south=0, east=-179, north=1)


def test_outlines_around_the_world_are_not_joined(tmp_path: Path) -> None:
    around = {"type": "MultiPolygon", "coordinates": [_square(0, 180), _square(-180, 0)]}
    world = Footprint(west=-180, south=0, east=180, north=1)

    assert _footprint(tmp_path, [-180, 0, 180, 1], around) == world
    assert _footprint(tmp_path, None, around) == world


def test_parts_beside_each_other_lie_in_one_box(tmp_path: Path) -> None:
    parts = {"type": "MultiPolygon", "coordinates": [_square(4, 5), _square(6, 7)]}

    assert _footprint(tmp_path, None, parts) == Footprint(west=4, south=0, east=7, north=1)


def test_longitudes_of_an_outline_run_on_over_the_dateline(tmp_path: Path) -> None:
    ring = [[178.0, 0.0], [-179.0, -1.0], [-178.0, 1.0], [179.0, 2.0], [178.0, 0.0]]
    footprint = _footprint(tmp_path, [178, -1, -178, 2], {"type": "Polygon", "coordinates": [ring]})

    assert footprint is not None
    assert footprint.polygon == ((178, 0), (181, -1), (182, 1), (179, 2), (178, 0))
    assert meets(footprint, Footprint(west=-179.5, south=0, east=-179, north=0.5))
    assert not meets(footprint, Footprint(west=0, south=0, east=1, north=1))


@pytest.mark.parametrize("x", [float("nan"), float("inf"), 590_000.0, 10**400])
def test_an_outline_that_is_not_in_degrees_is_left_out(tmp_path: Path, x: float) -> None:
    ring = [[x, 0.0], [2.0, 0.0], [2.0, 1.0], [1.0, 2.0], [x, 0.0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}

    assert _footprint(tmp_path, [1, 0, 2, 1], geometry) == Footprint(west=1, south=0, east=2, north=1)
    assert _footprint(tmp_path, None, geometry) is None


@pytest.mark.parametrize(
    "odd",
    [
        {"links": 5},
        {"assets": {"a": {"href": "a.tif", "type": "image/tiff", "bands": 5, "raster:bands": "x", "roles": 7}}},
        {"assets": {"red": {"href": "a.tif", "eo:bands": {"name": "red"}}}},
        {"properties": {"providers": [{"name": "a", "roles": 5}], "instruments": 5, "datetime": 2020}},
        {"properties": 5},
        {"stac_extensions": 5, "collection": 5},
    ],
    ids=str,
)
def test_what_is_said_in_an_odd_way_is_passed_over(tmp_path: Path, odd: dict[str, Any]) -> None:
    path = write_json(tmp_path / "item.json", item("a", {"visual": "a.tif"}) | odd)
    scenes, unreadable = _scenes(path)

    assert [scene.assets[0].href for scene in scenes] == [f"{tmp_path}/a.tif"]
    assert unreadable == {}


@pytest.mark.parametrize("href", ["http://[bad/a.tif", "https://[", "a\0b.tif", "//[bad"])
def test_a_link_that_is_no_address_is_told_and_the_others_are_read(tmp_path: Path, href: str) -> None:
    features = [item("a", {"visual": {"href": href, "type": "image/tiff"}}), item("b", {"visual": "b.tif"})]
    path = write_json(tmp_path / "items.json", items(*features))
    scenes, unreadable = _scenes(path)

    assert [scene.name for scene in scenes][-1:] == [f"{path}/b"]
    assert len(scenes) + len(unreadable) == 2


def test_a_number_that_is_too_large_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    features = [item("a", {"visual": "a.tif"}, {"gsd": 10**400}), item("b", {"visual": "b.tif"})]
    path = write_json(tmp_path / "items.json", items(*features))
    scenes, unreadable = _scenes(path)

    assert [scene.name for scene in scenes] == [f"{path}/b"]
    assert unreadable == {f"{path}/a": f"{path}/a has a number that is too large."}


def test_an_end_that_is_a_date_is_all_of_that_day(tmp_path: Path) -> None:
    dated = {"datetime": None, "start_datetime": "2020-03-01", "end_datetime": "2020-03-31"}
    path = write_json(tmp_path / "item.json", item("a", {"visual": "a.tif"}, dated))
    (scene,) = _scenes(path)[0]

    assert scene.acquired == datetime(2020, 3, 1, tzinfo=UTC)
    assert scene.acquired_end == datetime(2020, 3, 31, 23, 59, 59, 999_999, UTC)


def test_a_box_with_heights_is_a_box(tmp_path: Path) -> None:
    path = write_json(tmp_path / "item.json", item("a", {"visual": "a.tif"}, bbox=[4.3, 51.9, -2, 4.4, 52, 90]))

    footprint = _scenes(path)[0][0].footprint
    assert footprint is not None
    assert (footprint.west, footprint.south, footprint.east, footprint.north) == (4.3, 51.9, 4.4, 52)


def test_items_may_be_written_one_after_the_other_in_a_list(tmp_path: Path) -> None:
    path = write_json(tmp_path / "items.json", [item("a", {"visual": "a.tif"}), item("b", {"visual": "b.tif"})])

    assert [scene.name for scene in _scenes(path)[0]] == [f"{path}/a", f"{path}/b"]


def test_ids_with_slashes_stay_one_step_and_doubles_count_once(tmp_path: Path) -> None:
    features = [item("a/b", {"visual": "a.tif"}), item("a/b", {"visual": "b.tif"}), item("", {"visual": "c.tif"})]
    path = write_json(tmp_path / "items.json", items(*features))
    scenes, unreadable = _scenes(path)

    assert [scene.name for scene in scenes] == [f"{path}/a%2Fb"]
    assert list(unreadable.values()) == [f"{path} has an item without an id."]


def test_geoparquet_of_items_is_read_like_the_items(tmp_path: Path) -> None:
    geoparquet = pytest.importorskip("stac_geoparquet.arrow")
    square = {"type": "Polygon", "coordinates": [[[4, 51], [5, 51], [5, 52], [4, 52], [4, 51]]]}
    features = [
        item(
            name,
            {"visual": f"{name}.tif"},
            {"eo:cloud_cover": 5.0, "platform": "s2a"},
            geometry=square,
            collection="c",
        )
        for name in ("a", "b")
    ]
    path = tmp_path / "items.parquet"
    geoparquet.to_parquet(geoparquet.parse_stac_items_to_arrow(features), path)
    source = open_source(path)
    assert isinstance(source, SceneSource)

    first, second = source.scenes
    assert (first.name, second.name) == (f"{path}/c/a", f"{path}/c/b")
    assert first.assets[0].href == f"{tmp_path}/a.tif"
    assert first.properties == {"collection": "c", "platform": "s2a", "cloud_cover": 5.0}
    assert first.acquired == datetime(2023, 6, 30, 10, 56, 31, tzinfo=UTC)


def test_a_parquet_of_something_else_is_refused(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"a": [1]}), tmp_path / "other.parquet")
    (tmp_path / "text.parquet").write_text("text")
    for name in ("other", "text", "gone"):
        source = open_source(tmp_path / f"{name}.parquet")
        assert isinstance(source, SceneSource)
        with pytest.raises(InputError, match="is no GeoParquet of STAC items"):
            list(source.scenes)
