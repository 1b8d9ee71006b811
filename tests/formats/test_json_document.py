from __future__ import annotations

import json

from trsllava.formats.json_document import json_document
from trsllava.records import Footprint


def test_the_document_holds_the_query_and_everything_known_of_each_hit(make_hit):
    assert json.loads(json_document("harbor with cranes", [make_hit()], notices=["Without: trees."])) == {
        "query": "harbor with cranes",
        "notices": ["Without: trees."],
        "hits": [
            {
                "rank": 1,
                "score": 0.75,
                "relevance": 0.625,
                "id": "00000000-0000-0000-0000-000000000001",
                "paths": ["/data/scenes/harbor/harbor_1.tif"],
                "labels": ["harbor", "crane", "ship"],
                "acquired": "2024-05-17T10:31:05Z",
                "window": [0, 0, 64, 48],
                "merged": 0,
                "bbox": [4.25, 51.5, 4.5, 51.75],
                "near": {"name": "Rotterdam", "country": "NL", "km": 12.3},
                "branches": {
                    "dense": {"score": 0.5, "rank": 1, "share": 0.5},
                    "bm25": {"score": 12.5, "rank": 3, "share": 0.25},
                },
                "why": {"variant": 1, "field": "caption", "text": "Two cranes stand at the harbor."},
            }
        ],
    }


def test_a_hit_without_place_and_time_says_null(make_hit):
    (hit,) = json.loads(json_document("x", [make_hit(footprint=None, acquired=None)]))["hits"]

    assert (hit["bbox"], hit["acquired"]) == (None, None)


def test_a_rotated_footprint_brings_its_polygon(make_hit):
    ring = ((0.0, 1.0), (1.0, 2.0), (2.0, 1.0), (1.0, 0.0), (0.0, 1.0))
    footprint = Footprint(west=0, south=0, east=2, north=2, polygon=ring)
    (hit,) = json.loads(json_document("x", [make_hit(footprint=footprint)]))["hits"]

    assert hit["polygon"] == [list(point) for point in ring]


def test_hits_are_numbered_in_their_order(make_hit):
    hits = json.loads(json_document("x", [make_hit(7), make_hit(3)]))["hits"]

    assert [(hit["rank"], hit["id"][-1]) for hit in hits] == [(1, "7"), (2, "3")]


def test_no_hit_is_an_empty_list_and_any_script_is_kept():
    assert json.loads(json_document("港口", [])) == {"query": "港口", "notices": [], "hits": []}
    assert "港口" in json_document("港口", [])
