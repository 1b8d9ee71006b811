"""Objects of a tag."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow
import pytest
import shapely
from pyarrow import parquet

from indexer.sampling.area import parse_area
from indexer.sampling.by_osm import OsmStrategy, level_shares
from indexer.sampling.osm_objects import TagWish, parse_tag, read_objects
from tests.indexer.sampling.world import World, objects
from trsllava.errors import InputError

WISHES = (TagWish("amenity", "school"), TagWish("leisure", "marina"), TagWish("aeroway"))


def write_parquet(path: Path, features: list[dict[str, Any]], tags: str, column: str = "geometry") -> Path:
    shapes = [shapely.to_wkb(shapely.geometry.shape(feature["geometry"])) for feature in features]
    own = [{key: value for key, value in feature["properties"].items() if key != "@id"} for feature in features]
    columns: dict[str, Any] = {"feature_id": [feature["properties"]["@id"] for feature in features], column: shapes}
    if tags == "map":
        columns["tags"] = pyarrow.array([list(one.items()) for one in own], pyarrow.map_("string", "string"))
    elif tags == "json":
        columns["tags"] = [json.dumps(one) for one in own]
    else:
        columns |= {key: [one.get(key) for one in own] for key in ("amenity", "leisure", "aeroway", "name")}
    table = pyarrow.table(columns)
    geo = json.dumps({"version": "1.1.0", "primary_column": column, "columns": {column: {"encoding": "WKB"}}})
    parquet.write_table(table.replace_schema_metadata({"geo": geo}), path)
    return path


@pytest.fixture(params=["geojson", "lines", "sequence", "map", "json", "columns"])
def extract(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The planted objects in each format."""
    if request.param == "geojson":
        path = tmp_path / "o.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": objects()}))
    elif request.param in ("lines", "sequence"):
        path = tmp_path / "o.geojsonseq"
        before = "\x1e" if request.param == "sequence" else ""
        path.write_text("".join(f"{before}{json.dumps(one)}\n" for one in objects()))
    else:
        path = write_parquet(tmp_path / "o.parquet", objects(), request.param, column="geom")
    return path


def test_every_format_holds_the_same_objects(extract: Path) -> None:
    found = list(read_objects(extract, WISHES))

    assert Counter(sorted(set(one.tags) & {"amenity", "leisure", "aeroway"})[0] for one in found) == {
        "amenity": 40,
        "leisure": 3,
        "aeroway": 1,
    }
    marina = next(one for one in found if one.id == "way/0")
    assert marina.tags == {"leisure": "marina", "name": "Haven 0"}
    ring = shapely.geometry.shape(objects()[40]["geometry"])
    assert ring.contains(shapely.Point(marina.longitude, marina.latitude))


def test_rare_tags_get_as_many_points_as_there_are_objects(world: World) -> None:
    found = OsmStrategy(world.objects, WISHES).sample(20, seed=0)

    assert Counter(point.properties["tag"] for point in found.points) == {
        "amenity=school": 16,
        "leisure=marina": 3,
        "aeroway=runway": 1,
    }
    assert {row["tag"]: row["objects"] for row in found.tables[0].rows}["amenity=school"] == 40
    assert OsmStrategy(world.objects, WISHES).sample(20, seed=0) == found
    assert OsmStrategy(world.objects, WISHES).sample(20, seed=1).points != found.points


@pytest.mark.parametrize(
    ("available", "count", "expected"),
    [
        ([1, 5, 9], 9, [1, 4, 4]),
        ([5, 5], 4, [2, 2]),
        ([2, 2], 9, [2, 2]),
        ([0, 3], 2, [0, 2]),
        ([9, 9, 9], 4, [2, 1, 1]),
    ],
)
def test_shares_are_level(available: list[int], count: int, expected: list[int]) -> None:
    assert level_shares(available, count) == expected


def test_fewer_objects_than_wanted_are_all_taken_and_it_is_said(world: World) -> None:
    found = OsmStrategy(world.objects, (TagWish("leisure", "marina"),)).sample(10, seed=0)

    assert [point.id for point in found.points] == ["way-0", "way-1", "way-2"]
    assert found.notes == ("Only 3 objects have the tags; all were taken.",)
    assert found.points[0].properties["tag:name"] == "Haven 0"


def test_an_area_leaves_objects_out(world: World) -> None:
    west = OsmStrategy(world.objects, WISHES, parse_area("10,49,10.3,50")).sample(100, seed=0)

    assert 0 < len(west.points) < 44
    assert all(point.longitude <= 10.3 for point in west.points)


def test_a_tag_that_nothing_has_is_told(world: World) -> None:
    with pytest.raises(InputError, match=r"No object of .* has the tag natural=volcano or building\."):
        OsmStrategy(world.objects, (TagWish("natural", "volcano"), TagWish("building"))).sample(5, seed=0)


def test_objects_with_one_id_are_told_apart(tmp_path: Path) -> None:
    one = next(feature for feature in objects() if feature["properties"]["@id"] == "node/1")
    path = tmp_path / "twice.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [one, one]}))

    assert [point.id for point in OsmStrategy(path, WISHES).sample(5, seed=0).points] == ["node-1", "node-1_2"]


def school(id: str) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [1, 2]}
    return {"type": "Feature", "geometry": geometry, "properties": {"@id": id, "amenity": "school"}}


def test_a_number_that_tells_objects_apart_is_nobody_elses_id(tmp_path: Path) -> None:
    path = tmp_path / "odd.geojson"
    path.write_text(json.dumps({"features": [school("a"), school("a"), school("a_2"), school("a_2"), school("a")]}))
    ids = [point.id for point in OsmStrategy(path, WISHES).sample(9, seed=0).points]

    assert ids == ["a", "a_3", "a_2", "a_2_2", "a_4"]


def test_an_id_is_short_enough_for_a_file_name(tmp_path: Path) -> None:
    path = tmp_path / "long.geojson"
    path.write_text(json.dumps({"features": [school("ö" * 300), school("ö" * 299)]}))
    names = [f"{point.id}.json" for point in OsmStrategy(path, WISHES).sample(9, seed=0).points]

    assert len(set(names)) == 2
    assert all((tmp_path / name).write_text("{}") for name in names)


def test_tags_as_they_are_typed() -> None:
    assert parse_tag("leisure=marina") == TagWish("leisure", "marina")
    assert parse_tag("aeroway") == parse_tag("aeroway=*") == TagWish("aeroway")
    for text in ("=x", "", "leisure="):
        with pytest.raises(InputError, match="KEY=VALUE"):
            parse_tag(text)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.geojson", "[1, 2", "no GeoJSON file of features"),
        ("a.geojson", "{}", "no GeoJSON file of features"),
        ("a.geojson", '{"features": [{"properties": {}}]}', "no GeoJSON file of features"),
        ("a.geojson", '{"features": []}', "holds no objects"),
        ("a.geojson", '{"features": ["x"]}', "no GeoJSON file of features"),
        ("a.geojson", '{"features": [{"properties": [1], "geometry": null}]}', "no GeoJSON file of features"),
        ("a.geojsonl", "5", "no GeoJSON file of features"),
        ("a.geojsonl", "null", "no GeoJSON file of features"),
        ("a.geojsonl", '{"geometry": null}\nx', "no GeoJSON file of features"),
        ("a.parquet", "PAR1", "no GeoParquet file, or is damaged"),
        ("a.geojson", '{"features": [{"geometry": {"type": "Point", "coordinates": [500000, 4000000]}, '
                      '"properties": {"aeroway": "runway"}}]}', "not in degrees"),
        ("a.geojson", '{"features": [{"geometry": {"type": "Hole"}, "properties": {"aeroway": "x"}}]}', "geometry"),
    ],
)  # fmt: skip
def test_damaged_extracts_are_told_in_a_sentence(name: str, content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=said):
        list(read_objects(tmp_path / name, WISHES))


@pytest.mark.parametrize("odd", ["{broken", [1, 2], 3.5, True])
def test_odd_tags_hide_no_others(odd: object, tmp_path: Path) -> None:
    one = {"geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"tags": odd, "aeroway": "apron"}}
    nothing = {"geometry": None, "properties": {"aeroway": "apron"}}
    (tmp_path / "a.geojson").write_text(json.dumps({"features": [one, nothing]}))

    assert [found.tags["aeroway"] for found in read_objects(tmp_path / "a.geojson", WISHES)] == ["apron"]


def test_a_column_left_out_is_no_tag(tmp_path: Path) -> None:
    one = '{"geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"aeroway": NaN, "amenity": "school"}}'
    (tmp_path / "a.geojsonl").write_text(one)

    assert [found.tags for found in read_objects(tmp_path / "a.geojsonl", WISHES)] == [{"amenity": "school"}]


def test_a_parquet_file_without_geometry_is_told(tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"amenity": ["school"]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="has no column geometry"):
        list(read_objects(tmp_path / "a.parquet", WISHES))


@pytest.mark.parametrize("geo", ["{broken", "[1]", '"geom"'])
def test_metadata_that_say_nothing_leave_the_usual_column(geo: str, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", [school("node/1")], "columns")
    parquet.write_table(parquet.read_table(path).replace_schema_metadata({"geo": geo}), path)

    assert [found.id for found in read_objects(path, WISHES)] == ["node/1"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        list(read_objects(tmp_path / "none.geojson", WISHES))
