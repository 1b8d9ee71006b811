"""Item Search: what is found, what is refused, and what `q` means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from trsllava.archive import Archive


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["features"]]


def names(api: TestClient, placed: Archive, **search: Any) -> list[str]:
    """The files of what a posted search finds, sorted."""
    found = [placed.tile(one).paths[0].rpartition("/")[2] for one in ids(api.post("/stac/search", json=search))]
    return sorted(name.partition(".")[0].partition("_")[0] for name in found)


def test_a_box_across_the_dateline(api: TestClient, placed: Archive) -> None:
    assert names(api, placed, bbox=[170, -30, -170, 0]) == ["fiji"]
    assert names(api, placed, bbox=[-180, -30, -179.97, 0]) == ["fiji"]
    assert names(api, placed, bbox=[-170, -29, 170, 0]) == []


def test_heights_of_a_box_are_passed_over(api: TestClient, placed: Archive) -> None:
    assert names(api, placed, bbox=[3, 51, -100, 5, 53, 9000]) == ["rotterdam"]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2024-05-17T10:31:05Z", ["rotterdam"]),
        ("2024-05-17T12:31:05+02:00", ["rotterdam"]),
        ("2024-05-17t10:31:05.000z", ["rotterdam"]),
        ("2024-05-17T10:31:05.001Z", []),
        ("2021-07-01T00:00:00Z", ["summer"]),
        ("2021-08-31T00:00:00Z/2022-06-30T00:00:00Z", ["summer", "turned"]),
        ("2023-01-01T00:00:00Z/..", ["fiji", "rotterdam"]),
        ("/2021-06-01T00:00:00Z", ["summer"]),
    ],
)
def test_times(api: TestClient, placed: Archive, time: str, expected: list[str]) -> None:
    assert names(api, placed, datetime=time) == expected


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ({"type": "Point", "coordinates": [4.04, 51.96]}, ["rotterdam"]),
        ({"type": "MultiPoint", "coordinates": [[4.04, 51.96], [-179.97, -17.04]]}, ["fiji", "rotterdam"]),
        ({"type": "LineString", "coordinates": [[0, 51.95], [20, 51.95]]}, ["rotterdam"]),
        ({"type": "Polygon", "coordinates": [[[3, 51], [3.5, 53], [4.5, 53], [3, 51]]]}, []),
    ],
)
def test_geometries_are_met_exactly(
    api: TestClient, placed: Archive, geometry: dict[str, Any], expected: list[str]
) -> None:
    assert names(api, placed, intersects=geometry) == expected
    by_address = api.get("/stac/search", params={"intersects": json.dumps(geometry)})
    assert len(ids(by_address)) == len(expected)


def test_conditions_hold_together(api: TestClient, placed: Archive) -> None:
    every = ids(api.get("/stac/search?limit=10"))
    some = {"ids": every[:3], "collections": ["default", "none"]}

    assert ids(api.post("/stac/search", json=some)) == every[:3]
    assert ids(api.post("/stac/search", json={**some, "collections": ["none"]})) == []
    assert ids(api.post("/stac/search", json={**some, "bbox": [0.1, 0.1, 0.2, 0.2]})) == []
    assert set(ids(api.post("/stac/search", json={**some, "q": "a river"}))) == set(every[:3])
    assert ids(api.get("/stac/search", params={"ids": ",".join(every[:3])})) == every[:3]


def test_one_text_is_ranked_as_the_library_ranks_it(api: TestClient, placed: Archive) -> None:
    expected = [str(hit.tile.id) for hit in placed.search("a grey river")]

    assert ids(api.post("/stac/search", json={"q": "a grey river"})) == expected
    assert ids(api.post("/stac/search", json={"q": ["a grey river"]})) == expected
    assert ids(api.post("/stac/search?q=a grey river", json={})) == expected
    assert ids(api.get("/stac/search?q=a grey river")) == expected
    assert ids(api.get("/stac/q/a grey river/search")) == expected
    assert ids(api.get("/stac/collections/default/items?q=a grey river")) == expected


def test_of_several_texts_the_better_one_counts(api: TestClient, placed: Archive) -> None:
    scores: dict[str, float] = {}
    for text in ("a river", "an airport"):
        for hit in placed.search(text):
            scores[str(hit.tile.id)] = max(hit.score, scores.get(str(hit.tile.id), hit.score))
    expected = sorted(scores, key=lambda one: (-scores[one], one))

    assert ids(api.get("/stac/search?q=a river,an airport")) == expected
    assert ids(api.get("/stac/search?q=a river&q=an airport")) == expected
    assert ids(api.post("/stac/search", json={"q": ["a river", "an airport"]})) == expected
    found = api.post("/stac/search", json={"q": ["a river", "an airport"]}).json()["features"]
    assert {item["id"]: item["properties"]["trsllava:score"] for item in found} == pytest.approx(scores)


def test_a_comma_within_a_posted_text_is_a_comma(api: TestClient, placed: Archive) -> None:
    expected = [str(hit.tile.id) for hit in placed.search("a river, an airport")]

    assert ids(api.post("/stac/search", json={"q": "a river, an airport"})) == expected


def test_a_blank_text_asks_for_nothing(api: TestClient) -> None:
    assert ids(api.get("/stac/search?q=")) == ids(api.get("/stac/search"))
    assert ids(api.post("/stac/search", json={"q": [" "]})) == ids(api.get("/stac/search"))


def pages(api: TestClient, answer: Any) -> Iterator[Any]:
    """All pages, by their `next` links."""
    while True:
        yield answer
        following = [link for link in answer.json()["links"] if link["rel"] == "next"]
        if not following:
            return
        link = following[0]
        body = link.get("body")
        answer = api.get(link["href"]) if link["method"] == "GET" else api.post(link["href"], json=body)


@pytest.mark.parametrize("words", [{}, {"q": "a river"}, {"q": ["a river", "an airport"]}])
@pytest.mark.parametrize("limit", [1, 2, 5, 6])
def test_pages_hold_each_item_once(api: TestClient, words: dict[str, Any], limit: int) -> None:
    whole = ids(api.post("/stac/search", json={**words, "limit": 10}))
    posted = list(pages(api, api.post("/stac/search", json={**words, "limit": limit})))

    assert [one for page in posted for one in ids(page)] == whole
    assert {page.json()["numberMatched"] for page in posted} == {6}
    assert len(posted) == -(-6 // limit)
    by_address = list(pages(api, api.get("/stac/search", params={**words, "limit": limit})))
    assert [one for page in by_address for one in ids(page)] == whole


def test_conditions_go_along_with_the_pages(api: TestClient) -> None:
    search = {"bbox": [-180, -60, 180, 60], "datetime": "2021-01-01T00:00:00Z/..", "limit": 1}
    whole = ids(api.post("/stac/search", json={**search, "limit": 10}))

    assert [one for page in pages(api, api.post("/stac/search", json=search)) for one in ids(page)] == whole
    address = {**search, "bbox": "-180,-60,180,60"}
    assert [one for page in pages(api, api.get("/stac/search", params=address)) for one in ids(page)] == whole


def test_a_large_limit_counts_as_the_largest(api: TestClient) -> None:
    assert len(ids(api.get("/stac/search?limit=1000000"))) == 6


@pytest.mark.parametrize(
    "given",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "many"},
        {"bbox": "1,2,3"},
        {"bbox": "[1,2,3,4]"},
        {"bbox": "1,2,3,4,5,6,7"},
        {"bbox": "10,20,11,19"},
        {"bbox": "-181,0,0,1"},
        {"bbox": "nan,0,0,1"},
        {"bbox": "inf,0,0,1"},
        {"bbox": "0,0,1,1", "intersects": '{"type":"Point","coordinates":[0,0]}'},
        {"datetime": "2024"},
        {"datetime": "2024-05-17"},
        {"datetime": "2024-05-17T10:31:05"},
        {"datetime": "2024-05-17T10:31:05+0200"},
        {"datetime": "2024-05-17T10:31:05,5Z"},
        {"datetime": "2024-13-17T10:31:05Z"},
        {"datetime": ".."},
        {"datetime": "../.."},
        {"datetime": "/"},
        {"datetime": "2024-05-17T10:31:05Z/2024-05-16T10:31:05Z"},
        {"datetime": "2024-05-17T10:31:05Z/2024-05-18T10:31:05Z/2024-05-19T10:31:05Z"},
        {"intersects": "here"},
        {"intersects": "[" * 10_000},
        {"intersects": '{"type":"Polygon"}'},
        {"intersects": '{"type":"Polygon","coordinates":[]}'},
        {"intersects": '{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}'},
        {"intersects": '{"type":"Point","coordinates":[181,0]}'},
        {"intersects": '{"type":"Point","coordinates":[NaN,0]}'},
        {"intersects": '{"type":"Feature","geometry":null,"properties":{}}'},
        {"token": "1"},
        {"token": "default:none"},
        {"token": "../etc:0f6c5a1e-2b0e-5c7d-9a42-1c9f6a1f7a11"},
        {"q": "a river", "token": "default:0f6c5a1e-2b0e-5c7d-9a42-1c9f6a1f7a11"},
        {"q": "a river", "token": "-1"},
        {"q": ",".join(map(str, range(1000)))},
        {"q": "a" * 5000},
        {"ids": ",".join(map(str, range(1001)))},
        {"filter": "id = 1"},
        {"sortby": "id"},
    ],
)
def test_bad_parameters_are_a_400(api: TestClient, given: dict[str, str]) -> None:
    answer = api.get("/stac/search", params=given)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert next(iter(set(given) - {"q"} or given)) in answer.json()["detail"]


@pytest.mark.parametrize(
    "given",
    [
        {"limit": -1},
        {"bbox": "0,0,1,1"},
        {"bbox": [0, 1, 1, 0]},
        {"bbox": [0, 0, 0, 1, 1]},
        {"bbox": [0, 0, 1, 1], "intersects": {"type": "Point", "coordinates": [0, 0]}},
        {"intersects": {"type": "Point", "coordinates": [[0, 0]]}},
        {"ids": "one"},
        {"collections": [1]},
        {"q": {"text": "a river"}},
        {"sortby": []},
        [],
        "search",
    ],
)
def test_bad_bodies_are_a_400(api: TestClient, given: Any) -> None:
    assert api.post("/stac/search", json=given).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b'{"bbox": [NaN, 0, 1, 1]}', b"[" * 100_000, b'{"limit": 1e999}'])
def test_what_is_no_json_is_a_400(api: TestClient, body: bytes) -> None:
    answer = api.post("/stac/search", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
