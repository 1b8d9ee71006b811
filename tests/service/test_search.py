"""`/v1/search` answers as the library does."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

import trsllava


def test_answers_with_the_hits_of_the_library(client: TestClient, served_home: Path) -> None:
    with trsllava.open(served_home) as archive:
        expected = archive.search("harbor with cranes", k=3)
    answer = client.post("/v1/search", json={"text": "harbor with cranes", "k": 3}).json()
    assert [hit["tile"]["id"] for hit in answer["hits"]] == [str(hit.tile.id) for hit in expected]


def test_an_unknown_collection_is_a_problem(client: TestClient) -> None:
    answer = client.post("/v1/search", json={"text": "harbor", "collection": "nowhere"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/unknown-collection"
