"""pystac-client, unmodified, over a server process: it pages, searches, and everything it sees is valid."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pystac
import pytest
from pystac.validation import validate_dict
from pystac_client import Client

from trsllava.archive import Archive
from trsllava.records import Filters
from trsllava.service.stac.searching import RANKED

TEXT = "a green harbor"


@pytest.fixture(scope="module")
def client(root: str) -> Client:
    return Client.open(root)


def best(library: Archive, **conditions: Any) -> list[str]:
    """What the library finds, best first."""
    return [str(hit.tile.id) for hit in library.search(TEXT, k=RANKED, **conditions)]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_pages_through_two_thousand_items(client: Client, library: Archive, method: Any) -> None:
    search = client.search(method=method, limit=300)

    assert search.matched() == 2000
    assert [item.id for item in search.items()] == library.ledger.ids("stored")


def test_it_pages_through_a_collection(client: Client, library: Archive) -> None:
    items = client.get_collection("default").get_items()

    assert [item.id for item in itertools.islice(items, 25)] == library.ledger.ids("stored")[:25]


def test_q_in_every_address(root: str, library: Archive) -> None:
    opened = Client.open(root, parameters={"q": TEXT})
    found = [item.id for item in opened.search(method="GET", limit=70).items()]

    assert found == best(library)
    assert len(found) == RANKED


def test_q_in_the_body_of_a_post(root: str, library: Archive) -> None:
    def say(request: Any) -> Any:
        if request.json is not None:
            request.json["q"] = TEXT
        return request

    opened = Client.open(root, request_modifier=say)

    assert [item.id for item in opened.search(limit=70).items()] == best(library)


def test_q_in_the_address_of_a_post(root: str, library: Archive) -> None:
    opened = Client.open(root, parameters={"q": TEXT})

    assert [item.id for item in opened.search(method="POST", limit=70).items()] == best(library)


def test_a_root_of_its_own_for_a_text(root: str, library: Archive) -> None:
    opened = Client.open(f"{root}/q/{TEXT}")

    assert [item.id for item in opened.search(method="GET", limit=70).items()] == best(library)
    listed = opened.get_collection("default").get_items()
    assert [item.id for item in listed] == best(library)


@pytest.mark.parametrize(
    "box", [(-30, -20, 60, 50), (150, -40, -150, 40), (179.9, -60, -179.9, 80), (0.5, 0.5, 0.6, 0.6)]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_bbox_and_words_find_what_the_library_finds(
    root: str, library: Archive, box: tuple[float, ...], method: Any
) -> None:
    opened = Client.open(root, parameters={"q": TEXT})
    found = [item.id for item in opened.search(method=method, bbox=box, limit=200).items()]

    assert found == best(library, bbox=box)


@pytest.mark.parametrize("box", [(-30, -20, 60, 50), (150, -40, -150, 40), (0.5, 0.5, 0.6, 0.6)])
def test_bbox_alone_lists_what_the_library_finds(client: Client, library: Archive, box: tuple[float, ...]) -> None:
    found = [item.id for item in client.search(bbox=box, limit=500).items()]
    hits = library.search("anything", k=2000, bbox=box, all_tiles=True)

    assert sorted(found) == sorted(str(hit.tile.id) for hit in hits)


@pytest.mark.parametrize("time", ["2021", "2020-03/2020-04", "2025-01-01/..", "2020-02-29"])
def test_datetime_finds_what_the_library_finds(client: Client, library: Archive, time: str) -> None:
    found = [item.id for item in client.search(datetime=time, limit=500).items()]
    hits = library.search("anything", k=2000, time=time, all_tiles=True)

    assert sorted(found) == sorted(str(hit.tile.id) for hit in hits)


def test_everything_together(root: str, library: Archive) -> None:
    opened = Client.open(root, parameters={"q": TEXT})
    search = opened.search(bbox=(-90, -60, 90, 60), datetime="2021/2022", collections=["default"], limit=20)

    assert [item.id for item in search.items()] == best(library, bbox=(-90, -60, 90, 60), time="2021/2022")


def test_ids_and_geometries(client: Client, library: Archive) -> None:
    ids = library.ledger.ids("stored")[5:8]
    assert [item.id for item in client.search(ids=ids).items()] == ids

    triangle = {"type": "Polygon", "coordinates": [[[-60, -30], [60, -30], [0, 60], [-60, -30]]]}
    found = [item.id for item in client.search(intersects=triangle, limit=500).items()]
    in_box = {str(one.tile.id) for one in library.ledger.captioned(Filters())} & set(found)
    assert in_box == set(found)
    assert 0 < len(found) < len(library.search("x", k=2000, bbox=(-60, -30, 60, 60)))


FOLLOWED = ("child", "data", "items", "self", "next", "collection", "parent", "root", "search")


def documents(root: str) -> Iterator[dict[str, Any]]:
    """The documents that links lead to from a landing page, the first three hundred."""
    io = pystac.StacIO.default()
    seen: set[str] = set()
    waiting = [root]
    while waiting and len(seen) < 300:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        document = json.loads(io.read_text(url))
        yield document
        links = [*document["links"], *(link for one in document.get("features", []) for link in one["links"])]
        followed = (link for link in links if link["rel"] in FOLLOWED and link.get("method", "GET") == "GET")
        waiting += [link["href"] for link in followed]


@pytest.mark.parametrize("of", ["", "/q/a%20green%20harbor"])
def test_a_crawl_finds_valid_documents_alone(root: str, of: str) -> None:
    kinds = dict.fromkeys(("Catalog", "Collection", "FeatureCollection", "Feature"), 0)
    for document in documents(root + of):
        for one in document.get("collections", [document]):
            kinds[one["type"]] += 1
            for part in one["features"] if one["type"] == "FeatureCollection" else [one]:
                validate_dict(part)

    assert all(kinds.values())
    assert kinds["Feature"] > 100
