"""`/v1/search/ranking`: the hits of a search in columns, as far as they go."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from trsllava import Archive
from trsllava.service import ServiceSettings, create_app


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "harbor with cranes"},
        {"text": "habor", "labels": ["tree"]},
        {"text": "harbor", "k": 7},
        {"text": "harbor", "bbox": [-180, -60, 180, 75], "sort": "oldest"},
        {"text": "harbor", "unwanted": ["crane"]},
        {"text": "harbor", "min_score": 0.5, "all_tiles": True},
        {"text": "harbor", "diversity": 0.7, "k": 12},
    ],
    ids=str,
)
def test_ranks_as_the_library_does(client: TestClient, archive: Archive, asked: dict[str, Any]) -> None:
    expected = archive.search(**{"k": 1000, **asked} if "unwanted" not in asked else _with_unwanted(asked))
    answer = client.post("/v1/search/ranking", json=asked)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["ids"] == [str(hit.tile.id) for hit in expected]
    assert told["scores"] == pytest.approx([hit.score for hit in expected], abs=1e-4)
    for part, shares in told["shares"].items():
        assert shares == pytest.approx([hit.branches[part].share for hit in expected], abs=1e-4)


def _with_unwanted(asked: dict[str, Any]) -> dict[str, Any]:
    from trsllava.records import Query

    return {"text": Query(text=asked["text"], unwanted=tuple(asked["unwanted"]), k=1000)}


def test_tells_where_and_when(client: TestClient, archive: Archive) -> None:
    told = client.post("/v1/search/ranking", json={"text": "harbor"}).json()
    tiles = [archive.tile(one).tile for one in told["ids"]]
    placed = [tile.footprint for tile in tiles]
    assert told["boxes"] == [one and [one.west, one.south, one.east, one.north] for one in placed]
    assert set(told["outlines"]) == {str(tile.id) for tile in tiles if tile.footprint and tile.footprint.polygon}
    assert [time is None for time in told["times"]] == [tile.acquired is None for tile in tiles]


def test_a_picture_can_be_ranked_by(client: TestClient, sample_archive: Path) -> None:
    picture = next(sample_archive.rglob("harbor*.jpg"))
    asked = {"image": base64.b64encode(picture.read_bytes()).decode(), "text": "with boats"}
    told = client.post("/v1/search/ranking", json=asked).json()
    assert len(told["ids"]) == 60
    assert set(told["shares"]) == {"by_image", "by_text"}


def test_no_hit_is_a_normal_answer(client: TestClient) -> None:
    told = client.post("/v1/search/ranking", json={"text": "harbor", "labels": ["no such label"]}).json()
    assert (told["ids"], told["shares"], told["boxes"]) == ([], {}, [])


@pytest.mark.parametrize(
    "asked", [{"text": ""}, {"text": "harbor", "k": 10_001}, {"text": "harbor", "kk": 1}], ids=str
)
def test_what_cannot_be_ranked_is_refused(client: TestClient, asked: dict[str, Any]) -> None:
    assert client.post("/v1/search/ranking", json=asked).status_code == 400


def test_the_description_of_a_ranking_can_be_checked_by_any_reader(client: TestClient) -> None:
    """Some readers of OpenAPI take the items of a tuple for a list of schemas, which 3.1 has no more."""
    told = client.get("/openapi.json").json()["components"]["schemas"]["RankingAnswer"]["properties"]
    assert "prefixItems" not in str(told)


def test_the_server_may_allow_less(served_home: Path) -> None:
    with TestClient(create_app(ServiceSettings(home=served_home, ranking_limit=20))) as client:
        answer = client.post("/v1/search/ranking", json={"text": "harbor", "k": 21})
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/limit")
        assert client.post("/v1/search/ranking", json={"text": "harbor", "k": 20}).status_code == 200
