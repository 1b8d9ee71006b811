"""`/v1/search` answers as the library does."""

from __future__ import annotations

import base64
import csv
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

import trsllava
from tests.standin.hits import same_hits
from trsllava import Archive
from trsllava.formats.csv_rows import csv_rows
from trsllava.records import Hit


def _hits(answer: dict[str, Any]) -> list[Hit]:
    """The hits of an answer as the library knows them."""
    more = {"rank", "links"}
    return [Hit.model_validate({name: hit[name] for name in hit.keys() - more}) for hit in answer["hits"]]


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "harbor with cranes", "k": 3},
        {"text": "airport without planes"},
        {"text": "habor with crains", "labels": ["harbor"]},
        {"text": "a river", "without_labels": ["river"], "k": 4},
        {"text": "harbor", "bbox": [-180, -60, 180, 75], "time": "2015/2024"},
        {"text": "harbor", "branches": ["dense", "bm25"], "weights": {"bm25": 2}, "fusion": "rrf"},
        {"text": "harbor", "min_relevance": 0.5},
        {"text": "harbor", "min_score": 1.0},
        {"text": "harbor", "sort": "newest"},
        {"text": "harbor", "diversity": 0.5, "all_tiles": True},
        {"text": "harbor", "rerank": "nano", "rerank_top": 5},
    ],
    ids=str,
)
def test_answers_with_the_hits_of_the_library(client: TestClient, archive: Archive, asked: dict[str, Any]) -> None:
    asked = asked | ({"rerank": archive.schema().image_encoder} if "rerank" in asked else {})
    expected = archive.search(**asked)
    answer = client.post("/v1/search", json=asked)
    assert answer.status_code == 200, answer.text
    assert same_hits(_hits(answer.json()), expected)
    assert answer.json()["notices"] == expected.notices()


def test_an_address_says_the_same_as_a_body(client: TestClient) -> None:
    body = {
        "text": "harbor",
        "k": 4,
        "labels": ["harbor"],
        "bbox": [-180, -60, 180, 75],
        "branches": ["dense", "bm25"],
        "weights": {"dense": 1, "bm25": 0.5},
    }
    address = body | {"bbox": "-180,-60,180,75", "weights": "dense=1,bm25=0.5"}
    assert _told(client.get("/v1/search", params=address)) == _told(client.post("/v1/search", json=body))


def _told(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return {name: value for name, value in answer.json().items() if name != "timings"}


def test_each_hit_has_its_reasons_and_links_that_lead_somewhere(client: TestClient) -> None:
    (hit,) = client.post("/v1/search", json={"text": "harbor with cranes", "k": 1}).json()["hits"]
    assert hit["why"]["text"]
    assert {"dense", "bm25", "image"} <= hit["branches"].keys()
    for name in ("self", "thumbnail", "render", "similar"):
        assert client.get(hit["links"][name]).status_code == 200
    assert hit["links"]["original"] is None


# By picture


@pytest.fixture
def picture(archive: Archive) -> Path:
    """The file of the best harbor."""
    return Path(archive.search("harbor", k=1)[0].paths[0])


def test_an_uploaded_picture_finds_what_the_library_finds(client: TestClient, archive: Archive, picture: Path) -> None:
    answer = client.post("/v1/search/upload", files={"image": picture.read_bytes()}, data={"query": '{"k": 4}'})
    assert same_hits(_hits(answer.json()), archive.search(image=picture, k=4))


def test_a_picture_in_base64_finds_what_the_library_finds(client: TestClient, archive: Archive, picture: Path) -> None:
    image = base64.b64encode(picture.read_bytes()).decode()
    answer = client.post("/v1/search", json={"image": image, "k": 4})
    assert same_hits(_hits(answer.json()), archive.search(image=picture, k=4))


def test_a_picture_and_a_text_find_what_the_library_finds(client: TestClient, archive: Archive, picture: Path) -> None:
    image = base64.b64encode(picture.read_bytes()).decode()
    asked: dict[str, Any] = {"text": "with more ships", "weight": 0.4, "pair": ["image", "dense"], "k": 4}
    answer = client.post("/v1/search", json={"image": image} | asked)
    assert same_hits(_hits(answer.json()), archive.search(**asked | {"image": picture}))


def test_an_item_is_searched_for_by_its_picture(client: TestClient, archive: Archive, picture: Path) -> None:
    item = str(archive.search("harbor", k=1)[0].tile.id)
    answer = client.get("/v1/search", params={"item": item, "k": 4})
    assert same_hits(_hits(answer.json()), archive.search(image=archive.picture(item), k=4))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script></html>",
        b"\x89PNG\r\n\x1a\n",
    ],
    ids=["empty", "svg", "html", "cut short"],
)
def test_what_is_no_picture_is_refused(client: TestClient, content: bytes) -> None:
    for answer in (
        client.post("/v1/search/upload", files={"image": content}),
        client.post("/v1/search", json={"image": base64.b64encode(content).decode()}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-picture")
        assert "/tmp" not in answer.text


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(client: TestClient) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 8_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 50_000
    answer = client.post("/v1/search/upload", files={"image": bomb.getvalue()})
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/picture-too-large")


# Forms


@pytest.mark.parametrize("how", [{"params": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}], ids=str)
def test_hits_come_as_csv(client: TestClient, archive: Archive, how: dict[str, Any]) -> None:
    answer = client.post("/v1/search", json={"text": "harbor", "k": 3}, **how)
    assert answer.headers["content-type"].startswith("text/csv")
    hits = archive.search("harbor", k=3)
    links = [f"http://testserver/v1/items/{hit.tile.id}/thumbnail?collection=default" for hit in hits]
    assert answer.text == csv_rows(hits, [{"thumbnail": link} for link in links])
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [client.get(row["thumbnail"]).status_code for row in rows] == [200] * 3


@pytest.mark.parametrize(
    "how",
    [
        {"params": {"format": "geojson"}},
        {"headers": {"Accept": "application/geo+json"}},
        {"headers": {"Accept": "text/csv;q=0.5, application/geo+json, */*;q=0.1"}},
    ],
    ids=str,
)
def test_hits_come_as_geojson(client: TestClient, how: dict[str, Any]) -> None:
    answer = client.post("/v1/search", json={"text": "harbor", "k": 3}, **how)
    assert answer.headers["content-type"].startswith("application/geo+json")
    assert answer.json()["type"] == "FeatureCollection"
    features = answer.json()["features"]
    assert [client.get(one["properties"]["thumbnail"]).status_code for one in features] == [200] * 3


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/html,*/*;q=0.8", "application/*"])
def test_hits_come_as_json_where_nothing_else_is_liked_better(client: TestClient, accept: str) -> None:
    answer = client.get("/v1/search", params={"text": "harbor"}, headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"


def test_what_there_is_not_is_not_acceptable(client: TestClient) -> None:
    answer = client.get("/v1/search", params={"text": "harbor"}, headers={"Accept": "application/pdf"})
    assert (answer.status_code, answer.json()["type"]) == (406, "/problems/not-acceptable")


# Many at once


def test_a_batch_has_an_answer_or_a_problem_for_each_search(client: TestClient, archive: Archive) -> None:
    searches = [{"text": "harbor", "k": 2}, {"text": "forest", "collection": "nowhere"}, {"text": "forest", "k": 2}]
    first, second, third = client.post("/v1/search/batch", json={"searches": searches}).json()["answers"]
    assert same_hits(_hits(first), archive.search("harbor", k=2))
    assert second["type"] == "/problems/unknown-collection"
    assert same_hits(_hits(third), archive.search("forest", k=2))


# Refused


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "The query is empty. Say what to look for, or give a picture."),
        ({"text": "harbor", "kk": 1}, "kk: is not known."),
        ({"text": "harbor", "k": 0}, "k: must be at least 1, not 0."),
        ({"text": "harbor", "k": "many"}, "k must be a number, not 'many'."),
        ({"text": "harbor", "weights": {"dense": -1}}, "weights.dense: must be at least 0, not -1."),
        ({"text": "harbor", "branches": ["colour"]}, "branches.0: must be dense, bm25 or image, not 'colour'."),
        ({"text": "harbor", "bbox": [0, 1, 2]}, "bbox.3: is missing."),
        ({"text": "harbor", "bbox": [0, 10, 2, 1]}, "`bbox` (0.0, 10.0, 2.0, 1.0): south (10.0) lies above north (1.0)."),  # noqa: E501
        ({"text": "harbor", "collection": "../etc"}, "collection: is not in a form that can be used: '../etc'."),
        ({"text": "harbor", "source": ["images"]}, "source: must be absolute paths."),
        ({"text": "harbor", "source": ["~nobody/x"]}, "source: must be absolute paths."),
        ({"image": "no base64!"}, "image: must be base64."),
        ({"text": "harbor", "rerank": "http://other/x"}, "rerank: 'http://other/x' is none that this server uses."),
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_search_is_told_what_is_wrong(client: TestClient, asked: dict[str, Any], said: str) -> None:
    answer = client.post("/v1/search", json=asked)
    assert (answer.status_code, answer.json()["detail"]) == (400, said)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_parameter_in_the_address_that_is_not_known_is_refused(client: TestClient, method: str) -> None:
    more = {"json": {"text": "harbor"}} if method == "post" else {}
    answer = client.request(method, "/v1/search?text=harbor&kk=3" if method == "get" else "/v1/search?kk=3", **more)
    assert (answer.status_code, answer.json()["detail"]) == (400, "kk: is not known.")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("field", ["weight", "min_score", "diversity"])
def test_a_number_that_is_none_is_refused(client: TestClient, field: str, number: str) -> None:
    answer = client.post(
        "/v1/search",
        content=f'{{"text": "harbor", "{field}": {number}}}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400


def test_a_body_nested_ten_thousand_deep_is_refused(client: TestClient) -> None:
    deep = '{"text": ' + "[" * 10_000 + "]" * 10_000 + "}"
    answer = client.post("/v1/search", content=deep, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_an_unknown_collection_is_a_problem(client: TestClient) -> None:
    answer = client.post("/v1/search", json={"text": "harbor", "collection": "nowhere"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/unknown-collection",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no collection 'nowhere'.",
        "hint": "GET /v1/collections lists what there is.",
    }


def test_a_collection_that_is_not_served_is_unknown(served_home: Path) -> None:
    from trsllava.service import ServiceSettings, create_app

    with TestClient(create_app(ServiceSettings(home=served_home, collections=("other",)))) as client:
        assert client.get("/v1/search", params={"text": "harbor"}).status_code == 404


def test_limits_of_the_server_hold(served_home: Path) -> None:
    from trsllava.service import ServiceSettings, create_app

    limits = {"k_limit": 5, "text_limit": 20, "filter_limit": 2, "batch_limit": 1, "render_limit": 64}
    with TestClient(create_app(ServiceSettings(home=served_home, **limits))) as client:
        for asked in ({"text": "harbor", "k": 6}, {"text": "h" * 21}, {"text": "harbor", "labels": ["a", "b", "c"]}):
            answer = client.post("/v1/search", json=asked)
            assert (answer.status_code, answer.json()["type"]) == (400, "/problems/limit")
        batch = {"searches": [{"text": "harbor"}] * 2}
        assert client.post("/v1/search/batch", json=batch).json()["type"] == "/problems/limit"


def test_a_body_that_is_too_long_is_refused(served_home: Path) -> None:
    from trsllava.service import ServiceSettings, create_app

    with TestClient(create_app(ServiceSettings(home=served_home, body_limit=2000))) as client:
        assert client.post("/v1/search", json={"text": "h" * 3000}).status_code == 413
        endless = (b"x" * 1000 for _ in range(10))
        answer = client.post("/v1/search", content=endless, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_service_has_the_same_version(client: TestClient) -> None:
    assert client.get("/openapi.json").json()["info"]["version"] == trsllava.__version__


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "said"),
    [
        ("POST", "/v1/search/upload", b"no form", 400, "The request's body cannot be read."),
        ("GET", "/v2/search", b"", 404, "There is nothing at this address."),
        ("DELETE", "/v1/search", b"", 405, "What is at this address cannot be asked in this way."),
    ],
)
def test_what_the_framework_refuses_is_said_in_our_words(
    client: TestClient, method: str, path: str, content: bytes, status: int, said: str
) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"} if content else {}
    answer = client.request(method, path, content=content, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (status, said)
