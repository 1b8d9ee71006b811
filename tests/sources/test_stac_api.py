"""Searches of a STAC API, on a real HTTP server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sources.conftest import item, items
from tests.standin.ranges import Asked, RangeServer, range_server
from trsllava.errors import ImageError, InputError
from trsllava.sources.opened import open_source
from trsllava.sources.scene import SceneSource

FOUND = [item(name, {"visual": f"https://cogs.example/{name}.tif"}, collection="s2") for name in "abcde"]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[RangeServer]:
    """An API whose pages have two items; POST and GET, as `methods` of the landing page says."""
    with range_server(tmp_path) as running:
        running.misbehave = lambda asked, handler: _answer(running, asked, handler)
        yield running


def _answer(api: RangeServer, asked: Asked, handler: BaseHTTPRequestHandler) -> bool:
    path = urlsplit(asked.path)
    if path.path in ("/v1", "/get"):
        methods = ["GET"] if path.path == "/get" else ["GET", "POST"]
        links = [{"rel": "search", "href": f"{api.url}/v1/search", "method": method} for method in methods]
        return _say(handler, {"type": "Catalog", "id": "api", "stac_version": "1.0.0", "links": links})
    if path.path != "/v1/search":
        return False
    if handler.command == "POST":
        body = json.loads(asked.body)
        start = int(body.get("token", 0))
        following = {"rel": "next", "method": "POST", "href": f"{api.url}/v1/search", "merge": True}
        following |= {"body": {"token": start + 2}}
    else:
        start = int(parse_qs(path.query).get("token", ["0"])[0])
        following = {"rel": "next", "href": f"./search?{path.query.partition('&token')[0]}&token={start + 2}"}
    links = [following] if start + 2 < len(FOUND) else []
    return _say(handler, items(*FOUND[start : start + 2], links=links))


def _say(handler: BaseHTTPRequestHandler, document: object) -> bool:
    body = json.dumps(document).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
    return True


def _search(api: RangeServer, query: str, root: str = "/v1") -> SceneSource:
    source = open_source(api.url + root, query)
    assert isinstance(source, SceneSource)
    return source


@pytest.mark.parametrize("root", ["/v1", "/get"])
def test_all_pages_of_a_search_are_scenes(api: RangeServer, root: str) -> None:
    source = _search(api, "collections=s2&bbox=3.9,51.8,4.6,52.1&datetime=2023-06/2023-08", root)

    place = api.url + root
    assert [scene.name for scene in source.scenes] == [f"{place}/collections/s2/items/{name}" for name in "abcde"]
    assert not source.complete


def test_a_search_is_posted_as_it_was_written(api: RangeServer) -> None:
    list(_search(api, "collections=s2,l8&bbox=3.9,51.8,4.6,52.1&limit=2").scenes)

    (first, *_) = [json.loads(asked.body) for asked in api.requests if asked.body]
    assert first == {"collections": ["s2", "l8"], "bbox": [3.9, 51.8, 4.6, 52.1], "limit": 2}


def test_a_search_may_be_json(api: RangeServer) -> None:
    wanted: dict[str, Any] = {"collections": ["s2"], "query": {"eo:cloud_cover": {"lt": 20}}}
    list(_search(api, json.dumps(wanted)).scenes)

    assert json.loads(next(asked.body for asked in api.requests if asked.body)) == {"limit": 100} | wanted


WRITTEN = (
    'intersects={"type":"Point","coordinates":[4.4,51.9]}&query={"eo:cloud_cover":{"lt":20}}'
    "&sortby=-datetime,id&limit=2"
)


def test_what_is_an_object_is_posted_as_one_however_it_was_written(api: RangeServer) -> None:
    list(_search(api, WRITTEN).scenes)

    assert json.loads(next(asked.body for asked in api.requests if asked.body)) == {
        "intersects": {"type": "Point", "coordinates": [4.4, 51.9]},
        "query": {"eo:cloud_cover": {"lt": 20}},
        "sortby": [{"field": "datetime", "direction": "desc"}, {"field": "id", "direction": "asc"}],
        "limit": 2,
    }


def test_and_stands_in_an_address_as_json(api: RangeServer) -> None:
    list(_search(api, WRITTEN, "/get").scenes)

    first = next(parse_qs(urlsplit(asked.path).query) for asked in api.requests if "/v1/search" in asked.path)
    assert json.loads(first["intersects"][0]) == {"type": "Point", "coordinates": [4.4, 51.9]}
    assert first["sortby"] == ["-datetime,id"]


def test_a_search_ends_after_so_many_items(api: RangeServer) -> None:
    assert len(list(_search(api, "collections=s2&max=3").scenes)) == 3
    assert sum(bool(asked.body) for asked in api.requests) == 2


def test_a_page_that_leads_to_itself_ends_the_search(api: RangeServer) -> None:
    usual = api.misbehave
    assert usual is not None

    def around(asked: Asked, handler: BaseHTTPRequestHandler) -> bool:
        if handler.command != "POST":
            return usual(asked, handler)
        link = {"rel": "next", "method": "POST", "href": f"{api.url}/v1/search", "body": {"token": 1}}
        return _say(handler, items(FOUND[0], links=[link]))

    api.misbehave = around
    assert len(list(_search(api, "collections=s2").scenes)) == 1


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colections=s2", "knows collections"),
        ("collections=s2&max=many", "max must be a number"),
        ("collections=s2&max=²", "max must be a number"),
        ("bbox=a,b,c,d", "bbox expects west,south,east,north"),
        ("bbox=nan,0,1,1", "bbox expects west,south,east,north"),
        ("intersects={", "intersects is no JSON"),
        ("{", "is no JSON"),
        ('{"a":' * 100_000, "is no JSON"),
    ],
)
def test_a_search_that_is_not_understood_is_refused(api: RangeServer, query: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        _search(api, query)
    assert api.requests == []


def test_a_catalogue_without_search_is_refused(api: RangeServer) -> None:
    api.content["/catalog.json"] = json.dumps({"type": "Catalog", "links": []}).encode()

    with pytest.raises(InputError, match="is no STAC API"):
        _search(api, "collections=s2", "/catalog.json")


def test_an_answer_that_is_no_list_of_items_is_told(api: RangeServer) -> None:
    usual = api.misbehave
    assert usual is not None
    api.misbehave = lambda asked, handler: _say(handler, {}) if handler.command == "POST" else usual(asked, handler)

    with pytest.raises((InputError, ImageError), match="answers with no ItemCollection"):
        list(_search(api, "collections=s2").scenes)


@pytest.mark.parametrize("source", ["http://[bad/catalog.json", "s3://[bad"])
def test_what_is_no_address_is_refused(source: str) -> None:
    with pytest.raises(InputError, match="is no address that can be read"):
        open_source(source)
    with pytest.raises(InputError, match="is no address that can be read"):
        open_source(source, "collections=s2")


def test_only_an_address_can_be_searched(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs the address of a STAC API"):
        open_source(tmp_path, "collections=s2")
