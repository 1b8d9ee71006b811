from __future__ import annotations

import json

from trsllava.formats.geojson import geojson
from trsllava.records import Footprint


def test_a_hit_is_a_feature_with_its_place_and_flat_properties(make_hit):
    collection = json.loads(geojson("harbor", [make_hit()]))

    assert (collection["type"], collection["query"]) == ("FeatureCollection", "harbor")
    (feature,) = collection["features"]
    assert feature["type"] == "Feature"
    assert feature["id"] == "00000000-0000-0000-0000-000000000001"
    assert feature["bbox"] == [4.25, 51.5, 4.5, 51.75]
    assert feature["geometry"] == {
        "type": "Polygon",
        "coordinates": [[[4.25, 51.5], [4.5, 51.5], [4.5, 51.75], [4.25, 51.75], [4.25, 51.5]]],
    }
    assert feature["properties"] == {
        "rank": 1,
        "score": 0.75,
        "relevance": 0.625,
        "path": "/data/scenes/harbor/harbor_1.tif",
        "labels": "harbor;crane;ship",
        "acquired": "2024-05-17T10:31:05Z",
        "near": "12 km from Rotterdam, NL",
        "merged": 0,
        "match_variant": 1,
        "match_field": "caption",
        "match_text": "Two cranes stand at the harbor.",
        "dense_score": 0.5,
        "dense_rank": 1,
        "dense_share": 0.5,
        "bm25_score": 12.5,
        "bm25_rank": 3,
        "bm25_share": 0.25,
    }


def test_a_hit_without_a_footprint_has_the_geometry_null(make_hit):
    (feature,) = json.loads(geojson("x", [make_hit(footprint=None)]))["features"]

    assert feature["geometry"] is None
    assert "bbox" not in feature


def test_a_hit_across_the_dateline_is_cut_there(make_hit):
    footprint = Footprint(west=179, south=0, east=-178, north=1)
    (feature,) = json.loads(geojson("x", [make_hit(footprint=footprint)]))["features"]

    assert feature["bbox"] == [179, 0, -178, 1]
    assert feature["geometry"]["type"] == "MultiPolygon"
    assert len(feature["geometry"]["coordinates"]) == 2


def test_all_features_have_the_same_properties(make_hit):
    some = {"dense": make_hit().branches["dense"]}
    features = json.loads(geojson("x", [make_hit(), make_hit(2, branches=some)]))["features"]

    assert features[0]["properties"].keys() == features[1]["properties"].keys()
    assert features[1]["properties"]["bm25_score"] is None


def test_there_is_a_line_for_each_feature(make_hit):
    lines = geojson("x", [make_hit(1), make_hit(2)]).splitlines()

    assert [json.loads(line.rstrip(","))["id"][-1] for line in lines[1:-1]] == ["1", "2"]


def test_without_hits_the_collection_is_empty():
    assert json.loads(geojson('say "x"', [])) == {"type": "FeatureCollection", "query": 'say "x"', "features": []}
