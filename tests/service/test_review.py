"""`/v1/review`: a sample is drawn, judged and reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.service.conftest import copied
from trsllava.service import ServiceSettings, create_app


@pytest.fixture
def client(served_home: Path, tmp_path: Path) -> Iterator[TestClient]:
    home = copied(served_home, tmp_path / "home")
    with TestClient(create_app(ServiceSettings(home=home))) as client:
        yield client


def sample(client: TestClient, **parameters: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/v1/review", params=parameters).raise_for_status().json()
    return answer


def judge(client: TestClient, reviewer: str, items: list[dict[str, Any]], verdict: str, note: str = "") -> None:
    verdicts = [
        {"id": item["id"], "verdict": verdict, "text_digest": item["text_digest"], "note": note} for item in items
    ]
    client.post("/v1/review", json={"reviewer": reviewer, "verdicts": verdicts}).raise_for_status()


def test_a_tenth_of_the_collection_is_drawn_and_the_same_seed_draws_the_same(client: TestClient) -> None:
    drawn = sample(client)
    assert (drawn["drawn"], len(drawn["items"]), drawn["judged"]) == (6, 6, 0)
    assert sample(client) == drawn
    assert sample(client, seed=1)["items"] != drawn["items"]


def test_a_sample_comes_in_parts_with_texts_and_pictures(client: TestClient) -> None:
    drawn = sample(client)["items"]
    parts = sample(client, offset=2, limit=3)
    assert parts["items"] == drawn[2:5]
    assert parts["drawn"] == 6
    assert all(item["text"]["variants"] and item["paths"] for item in drawn)
    assert client.get(drawn[0]["links"]["thumbnail"]).headers["content-type"] == "image/jpeg"


def test_verdicts_stand_beside_the_items_of_their_reviewer_alone(client: TestClient) -> None:
    drawn = sample(client)["items"]
    judge(client, "anna", drawn[:1], "reject", "no <crane>")
    judge(client, "anna", drawn[1:2], "accept")
    mine = sample(client, reviewer="anna")
    assert [(item["verdict"], item["note"]) for item in mine["items"][:3]] == [
        ("reject", "no <crane>"),
        ("accept", ""),
        (None, ""),
    ]
    assert (mine["judged"], sample(client, reviewer="ben")["judged"]) == (2, 0)


def test_a_later_verdict_replaces_the_earlier(client: TestClient) -> None:
    drawn = sample(client)["items"]
    judge(client, "anna", drawn, "reject")
    judge(client, "anna", drawn[:3], "accept")
    (anna,) = client.get("/v1/review/report").json()["reviewers"]
    assert (anna["reviewer"], anna["judged"], anna["accepted"]) == ("anna", 6, 3)
    assert anna["interval"] == pytest.approx([0.1876, 0.8124], abs=1e-4)


def test_the_report_tells_how_far_two_agree(client: TestClient) -> None:
    drawn = sample(client)["items"]
    judge(client, "anna", drawn[:2], "accept")
    judge(client, "anna", drawn[2:4], "reject")
    judge(client, "ben", drawn[:3], "accept")
    judge(client, "ben", drawn[3:4], "reject")
    (pair,) = client.get("/v1/review/report").json()["pairs"]
    assert pair == {"reviewers": ["anna", "ben"], "tiles": 4, "observed": 0.75, "kappa": pytest.approx(0.5)}


def test_a_verdict_on_an_item_that_is_not_there_is_refused_whole(client: TestClient) -> None:
    item = sample(client)["items"][0]
    unknown = {"id": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "text_digest": "00", "verdict": "accept"}
    known = {"id": item["id"], "text_digest": item["text_digest"], "verdict": "accept"}
    answer = client.post("/v1/review", json={"reviewer": "anna", "verdicts": [known, unknown]})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-request")
    assert sample(client, reviewer="anna")["judged"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"reviewer": " ", "verdicts": []},
        {"reviewer": "anna", "verdicts": []},
        {"reviewer": "anna", "verdicts": [{"id": "x", "verdict": "accept", "text_digest": "0"}]},
        {"reviewer": "anna"},
    ],
    ids=["nobody", "nothing", "no id", "no verdicts"],
)
def test_what_is_no_list_of_verdicts_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post("/v1/review", json=body).status_code == 400
