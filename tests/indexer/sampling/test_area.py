"""Areas: boxes and polygons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.sampling.area import EVERYWHERE, Area, parse_area
from trsllava.errors import InputError

RING = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOLE = [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]


def area_of(folder: Path, document: object) -> Area:
    (folder / "area.geojson").write_text(json.dumps(document), encoding="utf-8")
    return parse_area(str(folder / "area.geojson"))


def test_a_box_across_the_dateline() -> None:
    assert parse_area("170,-10,-170,10").holds([175, -175, 0, 170], [0, 0, 0, 11]).tolist() == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("wrap", ["Polygon", "MultiPolygon", "Feature", "FeatureCollection", "GeometryCollection"])
def test_polygons_with_holes_however_they_are_wrapped(wrap: str, tmp_path: Path) -> None:
    polygon = {"type": "Polygon", "coordinates": [RING, HOLE]}
    feature = {"type": "Feature", "properties": {}, "geometry": polygon}
    found = area_of(
        tmp_path,
        {
            "Polygon": polygon,
            "MultiPolygon": {"type": "MultiPolygon", "coordinates": [[RING, HOLE]]},
            "Feature": feature,
            "FeatureCollection": {"type": "FeatureCollection", "features": [feature]},
            "GeometryCollection": {"type": "GeometryCollection", "geometries": [polygon]},
        }[wrap],
    )

    assert found.holds([1, 5, 11, float("nan")], [1, 5, 1, 1]).tolist() == [True, False, False, False]


def test_areas_in_words(tmp_path: Path) -> None:
    triangle = area_of(tmp_path, {"type": "Polygon", "coordinates": [RING, HOLE]})

    assert [str(one) for one in (EVERYWHERE, parse_area("1.5,2,3,4"), triangle)] == [
        "the whole Earth",
        "1.5, 2, 3, 4",
        "1 polygon within 0, 0, 10, 10",
    ]


@pytest.mark.parametrize(
    "text", ["1,2,3", "a,b,c,d", "0,10,5,-10", "0,0,200,5", "nowhere.geojson", '{"type": "Polygon"}' + 400 * " "]
)
def test_what_is_no_area_is_told_what_is(text: str) -> None:
    with pytest.raises(InputError, match="west,south,east,north"):
        parse_area(text)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"type": "Point", "coordinates": [1, 2]}, "no polygon"),
        ({"type": "Polygon", "coordinates": [[[500_000, 4_000_000]] * 4]}, "degrees"),
        ({"type": "Polygon", "coordinates": []}, "no polygon"),
        ({"type": "MultiPolygon", "coordinates": [[[]]]}, "no polygon"),
        ({"type": "Polygon", "coordinates": [[[1], [2], [3], [4]]]}, "no GeoJSON"),
        ({"features": 3}, "no GeoJSON"),
        ([1], "no GeoJSON"),
        ({"type": "Polygon", "coordinates": [[["x"]]]}, "no GeoJSON"),
    ],
)
def test_files_without_an_area_are_refused(document: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        area_of(tmp_path, document)
