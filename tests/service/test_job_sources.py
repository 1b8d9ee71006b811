"""Index jobs over documents and addresses: what lies below roots and sources is read, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.service.test_jobs import ended
from tests.sources.conftest import WriteScene, item, items, write_json, write_scene
from tests.standin.ranges import RangeServer, range_server
from trsllava.service import ServiceSettings, create_app

__all__ = ["write_scene"]


@pytest.fixture
def server(tmp_path: Path, write_scene: WriteScene) -> Iterator[RangeServer]:
    """A server with a picture and a document of it below /open, and the same below /closed."""
    for place in ("open", "closed"):
        write_scene("harbor.tif", folder=f"served/{place}")
        write_json(tmp_path / "served" / place / "item.json", item("harbor", {"visual": "harbor.tif"}))
    with range_server(tmp_path / "served") as running:
        yield running


@pytest.fixture
def root(tmp_path: Path, write_scene: WriteScene) -> Path:
    """A folder that jobs may index, with captions, and a picture beside it that they may not."""
    write_scene("secret.tif", folder="beside")
    folder = tmp_path / "data"
    folder.mkdir()
    lines = [json.dumps({"image": name, "captions": ["a harbor with cranes"]}) for name in ("harbor", "near")]
    (folder / "captions.jsonl").write_text("\n".join(lines))
    return folder


@pytest.fixture
def client(tmp_path: Path, root: Path, server: RangeServer) -> Iterator[TestClient]:
    settings = ServiceSettings(
        home=tmp_path / "home", roots=(root,), sources=(f"{server.url}/open",), image_encoder="none"
    )
    with TestClient(create_app(settings)) as client:
        yield client


def run(client: TestClient, root: Path, source: object, **given: Any) -> dict[str, Any]:
    body = {"kind": "index", "folder": str(source), "captions": str(root / "captions.jsonl"), **given}
    answer = client.post("/v1/jobs", json=body)
    assert answer.status_code == 202, answer.text
    return ended(client, answer.json()["id"])


def test_a_document_below_a_source_is_indexed(client: TestClient, root: Path, server: RangeServer) -> None:
    job = run(client, root, f"{server.url}/open/item.json")
    assert (job["state"], job["error"], job["report"]["stored"]) == ("done", None, 1)
    (hit,) = client.get("/v1/search", params={"text": "harbor", "k": 1}).json()["hits"]
    assert hit["paths"] == [f"{server.url}/open/item.json/harbor"]


def test_an_image_below_a_source_is_indexed(client: TestClient, root: Path, server: RangeServer) -> None:
    (root / "captions.jsonl").write_text('{"image": "harbor.tif", "captions": ["a harbor"]}')
    assert run(client, root, f"{server.url}/open/harbor.tif")["report"]["stored"] == 1


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("{url}/closed/item.json", "outside-sources"),
        ("{url}/open/../closed/item.json", "outside-sources"),
        ("{url}/openly/item.json", "outside-sources"),
        ("http://169.254.169.254/latest/meta-data", "outside-sources"),
        ("s3://bucket/item.json", "outside-sources"),
        ("http://user:password@{host}/open/item.json", "credentials-in-address"),
        ("{url}/open/item.json?X-Amz-Signature=abc", "credentials-in-address"),
        ("ftp://{host}/open/item.json", "outside-roots"),
    ],
)
def test_other_addresses_are_refused_unasked(client: TestClient, server: RangeServer, folder: str, kind: str) -> None:
    address = folder.format(url=server.url, host=server.url.removeprefix("http://"))
    refused = client.post("/v1/jobs", json={"kind": "index", "folder": address})
    assert (refused.status_code, refused.json()["type"]) == (403, f"/problems/{kind}")
    refused = client.post("/v1/jobs", json={"kind": "index", "folder": address, "stac_query": "max=1"})
    assert refused.status_code == 403
    assert server.requests == []


def test_a_document_leads_nowhere_else(client: TestClient, root: Path, server: RangeServer, tmp_path: Path) -> None:
    """A document below the roots may have been written by anybody who may put a file there."""
    write_scene.__wrapped__(root)("near.tif", folder=".")  # type: ignore[attr-defined]
    document = items(
        item("near", {"visual": "near.tif"}),
        item("harbor", {"visual": f"{server.url}/open/harbor.tif"}),
        item("closed", {"visual": f"{server.url}/closed/harbor.tif"}),
        item("beside", {"visual": "../beside/secret.tif"}),
        item("absolute", {"visual": str(tmp_path / "beside" / "secret.tif")}),
        item("file", {"visual": f"file://{tmp_path}/beside/secret.tif"}),
        links=[{"rel": "next", "href": f"{server.url}/closed/item.json"}],
    )
    job = run(client, root, write_json(root / "items.json", document))
    assert (job["state"], job["report"]["stored"], job["report"]["unreadable"]) == ("done", 2, 5)
    assert {asked.path for asked in server.requests} == {"/open/harbor.tif"}


def test_a_catalogue_leads_to_no_other_document(client: TestClient, root: Path, server: RangeServer) -> None:
    links = [{"rel": "item", "href": href} for href in ("item.json", "../closed/item.json")]
    catalogue = {"type": "Catalog", "stac_version": "1.0.0", "id": "c", "description": "c", "links": links}
    server.content["/open/catalog.json"] = json.dumps(catalogue).encode()
    job = run(client, root, f"{server.url}/open/catalog.json")
    assert (job["state"], job["report"]["stored"], job["report"]["unreadable"]) == ("done", 1, 1)
    assert {asked.path for asked in server.requests} == {"/open/catalog.json", "/open/item.json", "/open/harbor.tif"}


def serve_api(server: RangeServer, search: str, following: str) -> None:
    """An API below /open whose one page has an item that may be read and one that may not."""
    landing = {"type": "Catalog", "id": "api", "links": [{"rel": "search", "href": search, "method": "GET"}]}
    features = item("harbor", {"visual": "/open/harbor.tif"}), item("closed", {"visual": "/closed/harbor.tif"})
    server.content["/open"] = json.dumps(landing).encode()
    server.content["/open/search"] = json.dumps(items(*features, links=[{"rel": "next", "href": following}])).encode()


def was_closed(server: RangeServer) -> bool:
    """True where nobody asked for what may not be read."""
    return not [asked.path for asked in server.requests if asked.path.startswith("/closed")]


def test_a_search_is_indexed_as_far_as_it_may_be_read(client: TestClient, root: Path, server: RangeServer) -> None:
    serve_api(server, "/open/search", "/closed/search")
    job = run(client, root, f"{server.url}/open", stac_query="max=2")
    assert (job["state"], job["report"]["stored"], job["report"]["unreadable"]) == ("done", 1, 1)
    assert was_closed(server)


@pytest.mark.parametrize(("search", "following"), [("/closed/search", ""), ("/open/search", "/closed/search")])
def test_a_search_that_leads_elsewhere_fails(
    client: TestClient, root: Path, server: RangeServer, search: str, following: str
) -> None:
    serve_api(server, search, following)
    job = run(client, root, f"{server.url}/open", stac_query="max=3")
    assert job["state"] == "failed"
    assert job["error"] == f"{server.url}/closed/search lies outside of the addresses that may be read."
    assert was_closed(server)
