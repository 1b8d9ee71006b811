"""`/v1/dialogues`: what a service adds to a dialogue: ids, steps, keeping, streams and limits."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from tests.service.conftest import Served, running
from trsllava.dialogue.state import Dialogue
from trsllava.service import ServiceSettings, create_app
from trsllava.service.dialogues import Dialogues
from trsllava.service.problems import Problem

VAGUE = {"text": "a densely populated area"}


@pytest.fixture
def home(served_home: Path, tmp_path: Path) -> Path:
    """A home of its own that shares the served collection."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "collections").symlink_to(served_home / "collections")
    return tmp_path / "home"


@pytest.fixture
def service(home: Path) -> Iterator[TestClient]:
    with TestClient(create_app(ServiceSettings(home=home))) as client:
        yield client


def begun(service: TestClient, **options: Any) -> dict[str, Any]:
    answer = service.post("/v1/dialogues", json=VAGUE | options)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_dialogue_has_an_address_and_its_hits_have_links(service: TestClient) -> None:
    answer = service.post("/v1/dialogues", json=VAGUE, params={"k": 2})
    told = answer.json()
    assert answer.headers["location"] == f"/v1/dialogues/{told['id']}"
    assert service.get(answer.headers["location"], params={"k": 2}).json() == told
    assert len(told["hits"]) == 2
    for hit in told["hits"]:
        assert service.get(hit["links"]["thumbnail"]).status_code == 200


def test_steps_rise_with_every_change_and_nothing_else(service: TestClient) -> None:
    place = f"/v1/dialogues/{begun(service)['id']}"
    steps = [
        service.post(f"{place}/{name}", json=body).json()["step"]
        for name, body in (
            ("answer", {"said": "many trees"}),
            ("answer", {"said": "what?"}),
            ("answer", {"said": ""}),
            ("answer", {"said": "more like 1"}),
            ("undo", None),
            ("answer", {"answer": {"kind": "no"}}),
        )
    ]
    assert steps == [2, 2, 2, 3, 4, 5]
    assert service.get(place).json()["step"] == 5


@pytest.mark.parametrize("name", ["answer", "undo", "pick"])
def test_a_step_that_comes_too_late_is_refused(service: TestClient, name: str) -> None:
    told = begun(service)
    place = f"/v1/dialogues/{told['id']}"
    service.post(f"{place}/answer", json={"said": "many trees"}, params={"step": 1})
    bodies = {"answer": {"said": "no"}, "pick": {"item": told["hits"][0]["tile"]["id"]}}
    late = service.post(f"{place}/{name}", json=bodies.get(name), params={"step": 1})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/moved-on")
    assert service.get(place).json()["step"] == 2


def test_of_answers_at_once_one_is_taken(service: TestClient) -> None:
    place = f"/v1/dialogues/{begun(service)['id']}/answer"
    statuses: list[int] = []

    def answer() -> None:
        statuses.append(service.post(place, json={"said": "many trees"}, params={"step": 1}).status_code)

    threads = [threading.Thread(target=answer) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, *[409] * 5]


def test_dialogues_outlive_the_service(home: Path) -> None:
    with TestClient(create_app(ServiceSettings(home=home))) as service:
        told = begun(service)
        told = service.post(f"/v1/dialogues/{told['id']}/answer", json={"said": "red roofs"}).json()
    with TestClient(create_app(ServiceSettings(home=home))) as service:
        assert service.get(f"/v1/dialogues/{told['id']}").json() == told | {"heard": None}


def test_a_forgotten_dialogue_is_gone(service: TestClient) -> None:
    place = f"/v1/dialogues/{begun(service)['id']}"
    assert service.delete(place).status_code == 204
    for answer in (
        service.get(place),
        service.delete(place),
        service.post(f"{place}/undo"),
        service.post(f"{place}/answer", json={"said": "many trees"}),
        service.get(f"{place}/events"),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-dialogue")


def test_a_dialogue_left_alone_for_long_has_no_steps_either(tmp_path: Path) -> None:
    """A stream of it ends."""
    with closing(Dialogues(tmp_path, most=10, hours=1)) as dialogues:
        kept = dialogues.add(Dialogue(query="a harbor"))
        assert dialogues.step(kept.id) == 1
    with closing(Dialogues(tmp_path, most=10, hours=0)) as forgetful:
        assert forgetful.step(kept.id) is None


def test_a_service_that_nobody_talks_with_writes_nothing(home: Path) -> None:
    with TestClient(create_app(ServiceSettings(home=home))) as service:
        assert service.get(f"/v1/dialogues/{'0' * 32}").status_code == 404
        assert service.delete(f"/v1/dialogues/{'0' * 32}").status_code == 404
    assert not (home / "dialogues.sqlite").exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": " "},
        {"text": "x", "dialogue": {"query": "x"}},
        {"text": "x" * 2001},
        {"dialogue": {"query": "x" * 2001}},
        {"text": "x", "rounds": 101},
        {"text": "x", "settings": {"questioner": "llm"}},
        {"text": "x", "settings": {"candidates": 10**9}},
        {"text": "x", "settings": {"seed": -1}},
        {"dialogue": {"query": "x", "version": 2}},
        {"dialogue": {"query": "x", "pending": {"text": "?", "gain": 1e999}}},
        {"text": "x", "more": 1},
    ],
)
def test_what_no_dialogue_can_begin_with_is_refused(service: TestClient, body: dict[str, Any]) -> None:
    answer = service.post("/v1/dialogues", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body", [{}, {"said": "yes", "answer": {"kind": "no"}}, {"answer": {"kind": "perhaps"}}, {"said": 3}]
)
def test_what_is_no_answer_is_refused(service: TestClient, body: dict[str, Any]) -> None:
    assert service.post(f"/v1/dialogues/{begun(service)['id']}/answer", json=body).status_code == 400


def test_dialogues_over_collections_that_are_not_served_are_not_told(home: Path) -> None:
    with TestClient(create_app(ServiceSettings(home=home))) as service:
        place = f"/v1/dialogues/{begun(service)['id']}"
    with TestClient(create_app(ServiceSettings(home=home, collections=("other",)))) as service:
        answer = service.get(place)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-collection")


# Keeping


def kept(folder: Path, most: int = 100, hours: float = 1.0) -> Dialogues:
    return Dialogues(folder, most=most, hours=hours)


def test_those_left_alone_longest_are_forgotten_first(tmp_path: Path) -> None:
    table = kept(tmp_path, most=2)
    first, second = table.add(Dialogue(query="first")), table.add(Dialogue(query="second"))
    table.change(first, Dialogue(query="first, again"))
    third = table.add(Dialogue(query="third"))
    assert table.get(first.id).dialogue.query == "first, again"
    assert table.get(third.id).dialogue.query == "third"
    with pytest.raises(Problem, match="no such dialogue"):
        table.get(second.id)


def test_those_left_alone_for_too_long_are_forgotten(tmp_path: Path) -> None:
    old = kept(tmp_path).add(Dialogue(query="old"))
    table = kept(tmp_path, hours=0)
    with pytest.raises(Problem, match="no such dialogue"):
        table.get(old.id)
    table.add(Dialogue(query="new"))
    with pytest.raises(Problem, match="no such dialogue"):
        kept(tmp_path).get(old.id)


# Streams


@pytest.fixture
def listening(home: Path) -> Iterator[Served]:
    settings = ServiceSettings(home=home, stream_limit=1)
    with running(create_app(settings), settings) as served:
        yield served


def test_a_stream_tells_every_standing_until_the_end(listening: Served) -> None:
    with httpx.Client(base_url=listening.url, timeout=60) as client:
        told = client.post("/v1/dialogues", json=VAGUE).json()
        place = f"/v1/dialogues/{told['id']}"
        numbers, questions = [], []
        with client.stream("GET", f"{place}/events", params={"k": 2}) as events:
            for line in events.iter_lines():
                if line.startswith("id:"):
                    numbers.append(int(line[3:]))
                if line.startswith("data:"):
                    standing = json.loads(line[5:])
                    questions.append(standing["question"])
                    assert len(standing["hits"]) == 2
                if not line and numbers:
                    hit = {"item": told["hits"][0]["tile"]["id"]}
                    step = ("answer", {"said": "many trees"}) if len(numbers) == 1 else ("pick", hit)
                    httpx.post(f"{listening.url}{place}/{step[0]}", json=step[1], timeout=60)
        assert numbers == [1, 2, 3]
        assert (questions[0] == told["question"], questions[-1]) == (True, None)
        with client.stream("GET", f"{place}/events", headers={"Last-Event-ID": "2"}) as events:
            assert [line for line in events.iter_lines() if line.startswith("id:")] == ["id: 3"]


def test_a_stream_too_many_is_refused(listening: Served) -> None:
    with httpx.Client(base_url=listening.url, timeout=60) as client:
        place = f"/v1/dialogues/{client.post('/v1/dialogues', json=VAGUE).json()['id']}/events"
        with client.stream("GET", place) as events:
            lines = events.iter_lines()  # held: a stream that nobody reads any more is closed
            next(lines)
            refused = httpx.get(f"{listening.url}{place}", timeout=60)
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-streams")
