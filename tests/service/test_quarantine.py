"""`/v1/quarantine`: list, ask again, accept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import trsllava
from tests.service.conftest import copied
from trsllava.service import ServiceSettings, create_app
from trsllava.service.keys import Keys

ANSWER = {"variants": [{"one_sentence": "A purple zebracorn.", "feature": [], "caption": ""}], "labels": ["zoo"]}


@pytest.fixture
def home(served_home: Path, tmp_path: Path) -> Path:
    return copied(served_home, tmp_path / "home")


@pytest.fixture
def ids(home: Path) -> list[str]:
    """Items whose answers were refused: two for compass words, one for its language."""
    with trsllava.open(home) as archive:
        ids = archive.ledger.ids("stored")[:3]
        for tile_id, check in zip(ids, ("compass", "compass", "language"), strict=True):
            archive.ledger.note_refusals(tile_id, [check])  # type: ignore[list-item]
            archive.ledger.quarantine(tile_id, f"{check}: <script>", json.dumps(ANSWER), attempts=3)
    return ids


@pytest.fixture
def client(home: Path, ids: list[str]) -> Iterator[TestClient]:
    with TestClient(create_app(ServiceSettings(home=home))) as client:
        yield client


def listed(client: TestClient, **parameters: object) -> list[str]:
    return [item["id"] for item in client.get("/v1/quarantine", params=parameters).json()["items"]]  # type: ignore[arg-type]


def test_items_are_listed_with_check_reason_and_answer(client: TestClient, ids: list[str]) -> None:
    items = client.get("/v1/quarantine").json()["items"]
    assert [item["id"] for item in items] == ids
    assert (items[0]["check"], items[0]["error"], json.loads(items[0]["raw_answer"])) == (
        "compass",
        "compass: <script>",
        ANSWER,
    )
    assert client.get(items[0]["links"]["self"]).json()["state"] == "quarantined"
    assert listed(client, check="language") == ids[2:]


def test_pages_follow_one_another(client: TestClient, ids: list[str]) -> None:
    first = client.get("/v1/quarantine", params={"limit": 2}).json()
    assert first["after"] == ids[1]
    second = client.get("/v1/quarantine", params={"limit": 2, "after": first["after"]}).json()
    assert ([item["id"] for item in second["items"]], second["after"]) == (ids[2:], None)


@pytest.mark.parametrize(
    ("body", "left"), [({"all": True}, 0), ({"check": "compass"}, 1), ({"ids": "first"}, 2)], ids=str
)
def test_items_wait_to_be_asked_about_again(
    client: TestClient, ids: list[str], body: dict[str, object], left: int
) -> None:
    if "ids" in body:
        body = {"ids": ids[:1]}
    answer = client.post("/v1/quarantine/retry", json=body)
    assert (answer.status_code, answer.json()["waiting"]) == (200, 3 - left)
    assert listed(client) == ids[3 - left :]
    assert client.get(f"/v1/items/{ids[0]}").json()["state"] == "pending"


@pytest.mark.parametrize(
    "body",
    [{}, {"all": False}, {"all": True, "check": "compass"}, {"check": "nonsense"}, {"ids": ["../.."]}, {"all": 1}],
)
def test_which_items_must_be_said_in_one_way(client: TestClient, ids: list[str], body: dict[str, object]) -> None:
    answer = client.post("/v1/quarantine/retry", json=body)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-request")
    assert listed(client) == ids


def test_an_answer_is_accepted_as_it_is_and_found_at_once(client: TestClient, ids: list[str]) -> None:
    answer = client.post(f"/v1/quarantine/{ids[0][:13]}/accept", json={})
    assert (answer.status_code, answer.json()["id"]) == (200, ids[0])
    assert answer.json()["text"]["variants"] == ANSWER["variants"]
    hits = client.get("/v1/search", params={"text": "purple zebracorn", "k": 1}).json()["hits"]
    assert hits[0]["tile"]["id"] == ids[0]
    assert listed(client) == ids[1:]


def test_an_edited_text_is_accepted_in_its_place(client: TestClient, ids: list[str]) -> None:
    answer = client.post(f"/v1/quarantine/{ids[1]}/accept", json={"answer": "One ship.\nTwo cranes."}).json()
    assert [variant["caption"] for variant in answer["text"]["variants"]] == ["One ship.", "Two cranes."]


def test_what_holds_no_text_or_is_not_in_quarantine_is_not_accepted(
    client: TestClient, ids: list[str], archive: trsllava.Archive
) -> None:
    stored = archive.ledger.ids("stored")[-1]
    for item, body in ((ids[0], {"answer": " \n "}), (ids[0], {"answer": "[1]"}), (stored, {})):
        answer = client.post(f"/v1/quarantine/{item}/accept", json=body)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-request")
    assert client.post("/v1/quarantine/ffffffff-ffff/accept", json={}).status_code == 404
    assert listed(client) == ids


def test_looking_needs_a_key_that_reads_and_changing_one_that_writes(home: Path, ids: list[str]) -> None:
    read, write = (Keys(home).add(scope, scope) for scope in ("read", "write"))  # type: ignore[arg-type]
    with TestClient(create_app(ServiceSettings(home=home, keys_required=True))) as client:
        assert client.get("/v1/quarantine").status_code == 401
        assert client.get("/v1/quarantine", headers={"X-API-Key": read}).status_code == 200
        for path, body in (("retry", {"ids": ids[1:2]}), (f"{ids[0]}/accept", {})):
            path = f"/v1/quarantine/{path}"
            assert client.post(path, json=body).status_code == 401
            assert client.post(path, json=body, headers={"X-API-Key": read}).status_code == 403
            assert client.post(path, json=body, headers={"X-API-Key": write}).status_code == 200
