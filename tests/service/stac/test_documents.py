"""What the STAC API's documents say."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient

from trsllava.archive import Archive
from trsllava.raster.media_types import COG, GEOTIFF
from trsllava.records import Filters
from trsllava.service import ServiceSettings, create_app


def links(document: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [link for link in document["links"] if link["rel"] == rel]


def id_of(archive: Archive, name: str) -> str:
    return next(str(one.tile.id) for one in archive.ledger.captioned(Filters()) if name in one.paths[0])


@pytest.mark.parametrize("place", ["/stac", "/stac/", "/stac/q/a river", "/stac/q/a river/"])
def test_a_landing_page_has_what_clients_look_for(api: TestClient, place: str) -> None:
    page = api.get(place).json()

    assert {link["method"]: link["type"] for link in links(page, "search")} == {
        "GET": "application/geo+json",
        "POST": "application/geo+json",
    }
    assert links(page, "data")[0]["href"].endswith("/collections")
    assert any(one.endswith("item-search#free-text") for one in page["conformsTo"])
    for link in page["links"]:
        if link.get("method", "GET") == "GET":
            answer = api.get(link["href"])
            assert answer.status_code == 200
            assert answer.headers["content-type"] == link["type"]


def test_documents_stay_under_the_root_they_were_asked_from(api: TestClient) -> None:
    page = api.get("/stac/q/a river").json()
    collection = api.get(links(page, "child")[0]["href"]).json()
    found = api.get(links(collection, "items")[0]["href"]).json()

    hrefs = [link["href"] for one in (page, collection, found, *found["features"]) for link in one["links"]]
    elsewhere = [href for href in hrefs if "/stac/q/a%20river" not in href]
    assert all(href.endswith(("/stac/api", "/stac/schema.json")) for href in elsewhere)


@pytest.mark.parametrize(("name", "media_type"), [("rotterdam", COG), ("fiji", GEOTIFF), ("nowhere", "image/png")])
def test_assets_are_what_they_say(api: TestClient, placed: Archive, name: str, media_type: str) -> None:
    item = api.get(f"/stac/collections/default/items/{id_of(placed, name)}").json()

    assert {key: asset["type"] for key, asset in item["assets"].items()} == {
        "thumbnail": "image/jpeg",
        "rendered": "image/png",
        "original": media_type,
    }
    for asset in item["assets"].values():
        answer = api.get(asset["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == asset["type"]


def test_originals_are_offered_only_where_they_are_handed_out(placed: Archive) -> None:
    with TestClient(create_app(ServiceSettings(home=placed.settings.home))) as closed:
        item = closed.get("/stac/search?limit=1").json()["features"][0]

    assert set(item["assets"]) == {"thumbnail", "rendered"}


def test_pictures_outside_of_the_roots_are_not_offered(placed: Archive, tmp_path: Any) -> None:
    settings = ServiceSettings(home=placed.settings.home, roots=(tmp_path,), originals=True)
    with TestClient(create_app(settings)) as closed:
        item = closed.get("/stac/search?limit=1").json()["features"][0]

    assert item["assets"] == {}


def test_paths_of_the_server_are_not_told(api: TestClient, placed: Archive) -> None:
    assert str(placed.settings.home.parent) not in api.get("/stac/search?limit=10").text


def test_items_say_why_they_were_found(api: TestClient, placed: Archive) -> None:
    ours = api.get("/stac/schema.json").json()
    found = api.get("/stac/search", params={"q": "an airport"}).json()["features"]
    hits = placed.search("an airport")

    assert [item["properties"]["trsllava:score"] for item in found] == pytest.approx(
        [hit.score for hit in hits], abs=1e-4
    )
    assert [item["properties"]["trsllava:why"] for item in found] == [hit.why.model_dump() for hit in hits]
    for item in found:
        jsonschema.validate(item, ours)


def test_items_always_say_when(api: TestClient) -> None:
    for item in api.get("/stac/search?limit=10").json()["features"]:
        told = item["properties"]
        assert "datetime" in told
        assert told["datetime"] or (told["start_datetime"] and told["end_datetime"])


@pytest.mark.parametrize("place", ["collections/none", "collections/none/items", "collections/default/items/none"])
def test_what_is_not_there_is_a_404(api: TestClient, place: str) -> None:
    answer = api.get(f"/stac/{place}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_part_of_an_id_is_no_id(api: TestClient, placed: Archive) -> None:
    assert api.get(f"/stac/collections/default/items/{id_of(placed, 'fiji')[:8]}").status_code == 404
