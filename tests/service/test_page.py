"""The page's files: where they lie, what a browser may do with them, how long it may keep them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from trsllava.service import ServiceSettings, create_app
from trsllava.service.page.routes import page_files

BUILT = sorted(set(page_files()) - {"index.html", "licences.txt"})
MOST = 1_500_000
"""Bytes that the built files may have in the wheel."""


def _policy(client: TestClient) -> dict[str, list[str]]:
    policy = client.get("/").headers["content-security-policy"]
    return {name: values for name, *values in (part.split() for part in policy.split("; "))}


def test_the_page_stands_at_the_root(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "<title>trsllava</title>" in answer.text


def test_the_page_names_only_files_that_are_served(client: TestClient) -> None:
    named = re.findall(r'(?:src|href)="([^"]+)"', client.get("/").text)
    assert len(named) == 3
    assert {client.get(name).status_code for name in named} == {200}


def test_the_page_has_no_scripts_or_styles_of_its_own_in_it(client: TestClient) -> None:
    text = client.get("/").text
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", text) == []


def test_the_policy_allows_what_comes_from_here_alone(client: TestClient) -> None:
    policy = _policy(client)
    assert policy.pop("default-src") == ["'none'"]
    assert policy.pop("img-src") == ["'self'", "blob:", "data:"]
    assert policy.pop("require-trusted-types-for") == ["'script'"]
    assert {value for values in policy.values() for value in values} == {"'self'", "'none'"}


def test_pictures_of_the_tile_server_that_was_set_are_allowed(served_home: Path) -> None:
    settings = ServiceSettings(home=served_home, map_tiles="https://tiles.example.org:8443/osm/{z}/{x}/{y}.png")
    with TestClient(create_app(settings)) as client:
        assert _policy(client)["img-src"][-1] == "https://tiles.example.org:8443"
        assert client.get("/v1/about").json()["map_tiles"] == settings.map_tiles


@pytest.mark.parametrize(
    "address",
    [
        "tiles",
        "javascript:alert(1)//",
        "https://a.example/{z}; script-src *",
        "https://a.example",
        "https://a.example 'unsafe-inline'/",
        "//a.example/{z}",
    ],
)
def test_an_address_that_would_change_the_policy_is_refused(served_home: Path, address: str) -> None:
    with pytest.raises(ValidationError):
        ServiceSettings(home=served_home, map_tiles=address)


@pytest.mark.parametrize("name", BUILT)
def test_files_are_kept_for_good_since_their_names_change_with_them(client: TestClient, name: str) -> None:
    answer = client.get(f"/page/{name}")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == page_files()[name].content
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_files_are_packed_for_those_who_can_unpack(client: TestClient) -> None:
    name = next(one for one in BUILT if one.endswith(".js"))
    with client.stream("GET", f"/page/{name}", headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert gzip.decompress(packed) == page_files()[name].content
    plain = client.get(f"/page/{name}", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("path", ["/", *(f"/page/{name}" for name in BUILT[:1])])
def test_what_a_browser_has_is_not_sent_again(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]
    answer = client.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/page/", "/page/index.html", "/page/routes.py", "/page/..%2froutes.py", "/page/nothing.js", "/page/a/b"]
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_page_itself_needs_no_key_but_what_it_asks_for_does(served_home: Path) -> None:
    with TestClient(create_app(ServiceSettings(home=served_home, keys_required=True))) as client:
        assert client.get("/").status_code == 200
        assert client.get("/v1/about").status_code == 401


def test_the_licences_of_what_was_built_in_are_served(client: TestClient) -> None:
    answer = client.get("/page/licences.txt")
    assert "preact" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


def test_the_built_files_are_small() -> None:
    assert sum(len(file.content) for file in page_files().values()) <= MOST


def test_the_description_of_the_interface_has_no_pages(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert [path for path in paths if path == "/" or path.startswith("/page")] == []


def test_the_server_tells_what_it_allows(served_home: Path, tmp_path: Path) -> None:
    settings = ServiceSettings(home=served_home, k_limit=50, roots=(tmp_path,), originals=True)
    with TestClient(create_app(settings)) as client:
        told = client.get("/v1/about").json()
    assert (told["k_limit"], told["ranking_limit"], told["originals"]) == (50, 10_000, True)
    assert told["roots"] == [str(tmp_path.resolve())]
