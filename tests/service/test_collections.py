"""`/v1/collections`, `/v1/facets`, `/v1/suggest`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from trsllava import Archive, Filters
from trsllava.search.facets import Facets
from trsllava.search.suggesting import Suggestions
from trsllava.service import ServiceSettings, create_app


def test_the_collections_are_listed_with_what_they_hold(client: TestClient, archive: Archive) -> None:
    told = client.get("/v1/collections").json()
    assert told["default"] == "default"
    (only,) = told["collections"]
    status = archive.status()
    assert only["id"] == "default"
    assert only["tiles"] == dict(status.tiles)
    assert (only["encoder"], only["image_encoder"]) == (status.encoder, status.image_encoder)
    assert only["branches"] == ["dense", "bm25", "image"]
    assert only["coverage"]["searchable"] == status.tiles["stored"]
    assert client.get("/v1/collections/default").json() == only


def test_a_collection_that_is_not_there_is_a_problem(client: TestClient) -> None:
    assert client.get("/v1/collections/nowhere").status_code == 404


def test_nothing_is_made_by_asking(tmp_path: Path) -> None:
    with TestClient(create_app(ServiceSettings(home=tmp_path / "home"))) as client:
        for path in ("/v1/collections", "/v1/collections/default", "/v1/search?text=harbor", "/readyz"):
            client.get(path)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("conditions", [{}, {"labels": ["harbor"]}, {"bbox": (-180, -90, 0, 90)}], ids=str)
def test_facets_are_the_librarys(client: TestClient, archive: Archive, conditions: dict[str, object]) -> None:
    from trsllava.search.conditions import as_filters

    expected = archive.facets(as_filters(Filters(), **conditions))
    asked = conditions | ({"bbox": "-180,-90,0,90"} if "bbox" in conditions else {})
    told = client.get("/v1/facets", params=asked).json()
    assert TypeAdapter(Facets).validate_python(told) == expected
    assert expected.tiles


@pytest.mark.parametrize("text", ["a wide har", "habor", "", "the"])
def test_suggestions_are_the_librarys(client: TestClient, archive: Archive, text: str) -> None:
    told = client.get("/v1/suggest", params={"text": text}).json()
    assert told == asdict(archive.suggest(text))
    TypeAdapter(Suggestions).validate_python(told)
