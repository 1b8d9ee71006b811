"""Jobs over HTTP: one writer a collection, progress as it happens, nothing lost when the service goes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.testclient import TestClient

import trsllava
from tests.service.conftest import running
from tests.standin.process import StandIn
from trsllava.errors import HomeError
from trsllava.service import ServiceSettings, create_app, jobs
from trsllava.service.jobs import Jobs, ReindexRequest

IMAGES = 24


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures that differ, and a caption of each."""
    folder = tmp_path / "data" / "pictures"
    folder.mkdir(parents=True)
    lines = []
    for number in range(IMAGES):
        name = f"{number:03}.png"
        Image.new("RGB", (48, 48), (number, 255 - number, 7 * number % 256)).save(folder / name)
        lines.append(json.dumps({"image": name, "captions": [f"a field with {number} trees"]}))
    (folder / "captions.jsonl").write_text("\n".join(lines))
    return folder


@pytest.fixture
def settings(tmp_path: Path, folder: Path) -> ServiceSettings:
    return ServiceSettings(home=tmp_path / "home", roots=(folder.parent,), image_encoder="none")


@pytest.fixture
def client(settings: ServiceSettings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as client:
        yield client


def from_captions(folder: Path, **given: Any) -> dict[str, Any]:
    return {"kind": "index", "folder": str(folder), "captions": str(folder / "captions.jsonl"), **given}


def until(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not look():
        assert time.monotonic() < deadline, "what was waited for never came"
        time.sleep(0.02)


def ended(client: TestClient | httpx.Client, job_id: str) -> dict[str, Any]:
    """The job, once it has ended."""
    until(lambda: client.get(f"/v1/jobs/{job_id}").json()["state"] not in ("queued", "running"))
    found: dict[str, Any] = client.get(f"/v1/jobs/{job_id}").json()
    return found


def stream_of(
    client: TestClient | httpx.Client, job_id: str, last: int = 0
) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """The job's stream, from where it was until its end: number, kind and data of each event."""
    event = {}
    headers = {"Last-Event-ID": str(last)} if last else {}
    with client.stream("GET", f"/v1/jobs/{job_id}/events", headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                event[name] = value
            elif "data" in event:
                yield int(event["id"]), event["event"], json.loads(event["data"])
                event = {}


def events(client: TestClient | httpx.Client, job_id: str, last: int = 0) -> list[tuple[int, str, dict[str, Any]]]:
    """All of it."""
    return list(stream_of(client, job_id, last))


def test_an_index_job_makes_pictures_findable(client: TestClient, folder: Path) -> None:
    created = client.post("/v1/jobs", json=from_captions(folder))
    assert created.status_code == 202
    assert created.headers["location"] == f"/v1/jobs/{created.json()['id']}"
    job = ended(client, created.json()["id"])
    assert (job["state"], job["error"]) == ("done", None)
    counted = {"captioned": IMAGES, "stored": IMAGES, "quarantined": 0, "waiting": 0, "unreadable": 0, "pruned": 0}
    assert job["report"] == {"complete": True, "unreadable_files": {}, **counted}
    found = client.get("/v1/search", params={"text": "a field with 7 trees", "k": 1}).json()
    assert found["hits"][0]["paths"][0].endswith("007.png")


def test_a_stream_tells_what_happened_and_goes_on_where_it_was(client: TestClient, folder: Path) -> None:
    job_id = client.post("/v1/jobs", json=from_captions(folder)).json()["id"]
    told = events(client, job_id)
    assert [number for number, _, _ in told] == list(range(1, len(told) + 1))
    assert told[0][1:] == ("state", {"state": "queued"})
    assert told[-1][1] == "state"
    assert told[-1][2]["state"] == "done"
    assert {data["stage"] for _, kind, data in told if kind == "progress"} >= {"caption", "store"}
    assert events(client, job_id, last=3) == told[3:]
    assert events(client, job_id, last=10_000) == []


def test_a_reindex_job_encodes_anew(client: TestClient, folder: Path) -> None:
    ended(client, client.post("/v1/jobs", json=from_captions(folder)).json()["id"])
    job = ended(client, client.post("/v1/jobs", json={"kind": "reindex"}).json()["id"])
    assert (job["state"], job["report"]["stored"]) == ("done", IMAGES)


def test_jobs_of_a_collection_run_one_after_the_other_and_those_of_others_beside(
    client: TestClient, folder: Path
) -> None:
    ids = [
        client.post("/v1/jobs", json=from_captions(folder, collection=name)).json()["id"] for name in ("a", "a", "b")
    ]
    jobs = [ended(client, job_id) for job_id in ids]
    assert [job["state"] for job in jobs] == ["done"] * 3
    assert jobs[0]["ended"] <= jobs[1]["started"]
    assert [job["id"] for job in client.get("/v1/jobs").json()["jobs"]] == ids[::-1]
    assert [job["id"] for job in client.get("/v1/jobs", params={"collection": "b"}).json()["jobs"]] == ids[2:]


def test_a_job_waits_while_another_process_writes_the_collection(
    client: TestClient, folder: Path, settings: ServiceSettings
) -> None:
    with trsllava.open(settings.home) as archive, archive.writing():
        job_id = client.post("/v1/jobs", json=from_captions(folder)).json()["id"]
        until(lambda: client.get(f"/v1/jobs/{job_id}").json()["state"] == "running")
        assert not client.get(f"/v1/jobs/{job_id}").json()["done"]
    assert ended(client, job_id)["state"] == "done"


def test_a_failed_job_says_why_and_can_be_resumed(client: TestClient, folder: Path) -> None:
    failed = ended(client, client.post("/v1/jobs", json={"kind": "reindex", "collection": "not-there"}).json()["id"])
    assert failed["state"] == "failed"
    assert "not-there" in failed["error"]
    assert client.post(f"/v1/jobs/{failed['id']}/resume").status_code == 200
    assert ended(client, failed["id"])["state"] == "failed"

    done = ended(client, client.post("/v1/jobs", json=from_captions(folder)).json()["id"])
    assert client.post(f"/v1/jobs/{done['id']}/resume").json()["type"] == "/problems/job-not-ended"
    assert client.post(f"/v1/jobs/{done['id']}/cancel").json()["type"] == "/problems/job-ended"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"kind": "index", "folder": "/etc"}, 403, "outside-roots"),
        ({"kind": "index", "folder": "relative"}, 403, "outside-roots"),
        ({"kind": "index", "folder": "{root}/../../etc"}, 403, "outside-roots"),
        ({"kind": "index", "folder": "{root}/link"}, 403, "outside-roots"),
        ({"kind": "index", "folder": "{root}/a\0b"}, 403, "outside-roots"),
        ({"kind": "index", "folder": "file://{root}/pictures"}, 403, "outside-roots"),
        ({"kind": "index", "folder": "{root}/none"}, 404, "no-such-path"),
        ({"kind": "index", "folder": "{root}/pictures", "captions": "/etc/passwd"}, 403, "outside-roots"),
        ({"kind": "index", "folder": "{root}/pictures", "base_url": "http://evil"}, 400, "bad-request"),
        ({"kind": "index"}, 400, "bad-request"),
        ({"kind": "delete"}, 400, "bad-request"),
        ({"kind": "reindex", "encoder": "evil/model"}, 400, "bad-request"),
        ({"kind": "reindex", "collection": "../x"}, 400, "bad-request"),
    ],
)
def test_what_a_job_may_not_do_is_refused(
    client: TestClient, folder: Path, body: dict[str, Any], status: int, kind: str
) -> None:
    (folder.parent / "link").symlink_to("/etc")
    told = {name: value.replace("{root}", str(folder.parent)) for name, value in body.items()}
    refused = client.post("/v1/jobs", json=told)
    assert (refused.status_code, refused.json()["type"]) == (status, f"/problems/{kind}")
    assert client.get("/v1/jobs").json() == {"jobs": []}


def test_no_link_in_a_folder_leads_out_of_the_roots(client: TestClient, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret" / "deep").mkdir(parents=True)
    for name in ("secret/a.png", "secret/deep/b.png"):
        Image.new("RGB", (48, 48), "red").save(tmp_path / name)
    (folder.parent / "beside").mkdir()
    Image.new("RGB", (48, 48), "blue").save(folder.parent / "beside" / "c.png")
    (folder / "linked.png").symlink_to(tmp_path / "secret" / "a.png")
    (folder / "linked").symlink_to(tmp_path / "secret")
    (folder / "twice").symlink_to(folder / "linked" / "deep")
    (folder / "allowed").symlink_to(folder.parent / "beside")
    job = ended(client, client.post("/v1/jobs", json=from_captions(folder)).json()["id"])
    assert (job["state"], job["report"]["unreadable"], job["report"]["waiting"]) == ("done", 3, 1)
    told = job["report"]["unreadable_files"]
    assert told.keys() == {str(folder / "linked.png"), str(folder / "linked"), str(folder / "twice")}
    assert "secret" not in " ".join(told.values())
    assert client.get("/v1/facets").json()["sources"].keys() == {str(folder)}


def test_without_roots_nothing_can_be_indexed(tmp_path: Path, folder: Path) -> None:
    with TestClient(create_app(ServiceSettings(home=tmp_path / "home"))) as client:
        assert client.post("/v1/jobs", json=from_captions(folder)).status_code == 403


def test_a_service_that_only_answers_writes_nothing(settings: ServiceSettings) -> None:
    with TestClient(create_app(settings)) as client:
        assert client.get("/v1/jobs").json() == {"jobs": []}
        assert client.get(f"/v1/jobs/{'0' * 32}").json()["type"] == "/problems/unknown-job"
    assert not settings.home.exists()


def test_only_so_many_jobs_wait(settings: ServiceSettings, folder: Path) -> None:
    few = settings.model_copy(update={"job_limit": 2})
    with TestClient(create_app(few)) as client, trsllava.open(few.home) as archive, archive.writing():
        answers = [client.post("/v1/jobs", json=from_captions(folder)) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 429]
        assert answers[-1].headers["retry-after"]
        for answer in answers[:2]:
            assert client.post(f"/v1/jobs/{answer.json()['id']}/cancel").json()["state"] == "cancelled"


def test_only_so_many_streams_are_open(settings: ServiceSettings, folder: Path) -> None:
    app = create_app(settings.model_copy(update={"stream_limit": 1}))
    with (
        running(app, settings) as served,
        httpx.Client(base_url=served.url, timeout=30) as client,
        trsllava.open(settings.home) as archive,
        archive.writing(),
    ):
        job_id = client.post("/v1/jobs", json=from_captions(folder)).json()["id"]
        with client.stream("GET", f"/v1/jobs/{job_id}/events") as stream:
            lines = stream.iter_lines()  # held: a stream that nobody reads any more is closed
            next(lines)
            refused = client.get(f"/v1/jobs/{job_id}/events")
            assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-streams")
        until(lambda: not app.state.service.streams)
        client.post(f"/v1/jobs/{job_id}/cancel")
        assert events(client, job_id)[-1][2] == {"state": "cancelled"}


def test_old_jobs_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_KEPT_JOBS", 2)
    table = Jobs(tmp_path)
    ids = [table.add(ReindexRequest(kind="reindex"), "default").id for _ in range(5)]
    for job_id in ids[:4]:
        table.move(job_id, ("queued",), "cancelled")
    table.add(ReindexRequest(kind="reindex"), "default")
    assert [job.id for job in table.all()][1:] == [ids[4], ids[3], ids[2]]
    assert table.events(ids[0]) == []
    table.close()


# A service in a process of its own, over a stand-in of a model's server.


@contextmanager
def serving(home: Path, root: Path, standin: StandIn) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "trsllava", "serve", "--home", str(home), "--root", str(root), "--port", "0"]
    environment = os.environ | {"TRSLLAVA_BASE_URL": standin.url, "TRSLLAVA_IMAGE_ENCODER": "none",
                                "TRSLLAVA_CONCURRENCY": "2"}  # fmt: skip
    log = home.with_suffix(".log")
    with log.open("w") as stderr:
        process = subprocess.Popen(command, stderr=stderr, text=True, env=environment)
    try:
        until(lambda: "Serving " in log.read_text())
        url = log.read_text().split("Serving ")[1].split()[0]
        with httpx.Client(base_url=url, timeout=60) as client:
            yield client, process
    finally:
        process.kill()
        process.wait()


def good_answers(standin: StandIn) -> dict[str, int]:
    counts: dict[str, int] = {}
    for request in standin.asked():
        counts[request["image"]] = counts.get(request["image"], 0) + (request["fault"] is None)
    return counts


def by_model(folder: Path) -> dict[str, Any]:
    return {"kind": "index", "folder": str(folder), "captioner": "vllm"}


@contextmanager
def asking(url: str) -> Iterator[list[int]]:
    """Somebody who searches all the time, for as long as the service answers: the statuses so far."""
    statuses: list[int] = []

    def ask() -> None:
        with httpx.Client(base_url=url, timeout=60) as client, suppress(httpx.TransportError):
            while True:
                statuses.append(client.get("/v1/search", params={"text": "a field with trees"}).status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    yield statuses
    thread.join()


@pytest.mark.timeout(600)
def test_a_service_killed_five_times_under_queries_goes_on_with_its_job(
    tmp_path: Path, folder: Path, start_standin: Callable[..., StandIn]
) -> None:
    standin = start_standin("--service-time", "0.15", "--slots", "2")
    home, seen, job_id = tmp_path / "home", 0, ""
    older = folder.parent / "older"
    older.mkdir()
    Image.new("RGB", (48, 48), "navy").save(older / "sea.png")
    with serving(home, folder.parent, standin) as (client, _):
        assert ended(client, client.post("/v1/jobs", json=by_model(older)).json()["id"])["state"] == "done"
    kills = (4, 8, 12, 16, 20)
    for kill_at in kills:
        with (
            serving(home, folder.parent, standin) as (client, process),
            asking(str(client.base_url)) as statuses,
        ):
            job_id = job_id or client.post("/v1/jobs", json=by_model(folder)).json()["id"]
            for number, _, _ in stream_of(client, job_id, last=seen):
                assert number == seen + 1
                seen = number
                if sum(good_answers(standin).values()) >= kill_at and len(statuses) > 1:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    break
            else:
                pytest.fail("the job ended before the service was killed")
        assert set(statuses) == {200}
    with serving(home, folder.parent, standin) as (client, _):
        told = events(client, job_id, last=seen)
        assert [number for number, _, _ in told] == list(range(seen + 1, seen + 1 + len(told)))
        assert told[-1][2]["report"]["stored"] > 0
        assert ended(client, job_id)["state"] == "done"
        assert client.get("/v1/search", params={"text": "a field with trees"}).status_code == 200
    with trsllava.open(home) as archive:
        assert archive.status().tiles["stored"] == IMAGES + 1
    # What was under way when the process died was answered to nobody, and is the only thing that is asked for again.
    again = sum(count - 1 for count in good_answers(standin).values())
    assert again <= 2 * len(kills)


def test_a_service_that_is_told_to_end_parks_its_job(
    tmp_path: Path, folder: Path, start_standin: Callable[..., StandIn]
) -> None:
    standin = start_standin("--service-time", "0.1", "--slots", "2")
    with serving(tmp_path / "home", folder.parent, standin) as (client, process):
        job_id = client.post("/v1/jobs", json=by_model(folder)).json()["id"]
        until(lambda: sum(good_answers(standin).values()) >= 4)
        process.send_signal(signal.SIGTERM)
        process.wait()
    with serving(tmp_path / "home", folder.parent, standin) as (client, _):
        assert ended(client, job_id)["state"] == "done"


def test_a_cancelled_job_stops_and_goes_on_when_it_is_resumed(
    tmp_path: Path, folder: Path, start_standin: Callable[..., StandIn]
) -> None:
    standin = start_standin("--service-time", "0.1", "--slots", "2")
    with serving(tmp_path / "home", folder.parent, standin) as (client, _):
        job_id = client.post("/v1/jobs", json=by_model(folder)).json()["id"]
        until(lambda: sum(good_answers(standin).values()) >= 4)
        assert client.post(f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"
        assert events(client, job_id)[-1][2] == {"state": "cancelled"}
        assert client.post(f"/v1/jobs/{job_id}/resume").status_code == 200
        job = ended(client, job_id)
        assert (job["state"], job["report"]["waiting"]) == ("done", 0)


def test_a_job_whose_model_server_is_away_can_be_cancelled(
    tmp_path: Path, folder: Path, start_standin: Callable[..., StandIn]
) -> None:
    standin = start_standin()
    standin.fail("hang", times=-1)
    with serving(tmp_path / "home", folder.parent, standin) as (client, _):
        waiting = client.post("/v1/jobs", json=by_model(folder)).json()["id"]
        until(lambda: len(standin.asked()) > 0)
        next_one = client.post("/v1/jobs", json=from_captions(folder)).json()["id"]
        assert client.post(f"/v1/jobs/{waiting}/cancel").json()["state"] == "cancelled"
        assert ended(client, next_one)["state"] == "done"


def test_a_job_whose_model_server_is_away_is_parked(
    tmp_path: Path, folder: Path, start_standin: Callable[..., StandIn]
) -> None:
    standin = start_standin()
    standin.fail("hang", times=-1)
    with serving(tmp_path / "home", folder.parent, standin) as (client, process):
        job_id = client.post("/v1/jobs", json=by_model(folder)).json()["id"]
        until(lambda: len(standin.asked()) > 0)
        process.send_signal(signal.SIGTERM)
        process.wait()
    assert Jobs(tmp_path / "home").get(job_id).state == "queued"


def test_a_second_service_leaves_the_jobs_of_the_first_alone(
    client: TestClient, settings: ServiceSettings, folder: Path
) -> None:
    with trsllava.open(settings.home) as archive, archive.writing():
        job_id = client.post("/v1/jobs", json=from_captions(folder)).json()["id"]
        until(lambda: client.get(f"/v1/jobs/{job_id}").json()["state"] == "running")
        with TestClient(create_app(settings)) as second:
            assert second.get(f"/v1/jobs/{job_id}").json()["state"] == "running"
    assert ended(client, job_id)["state"] == "done"
    assert [data["state"] for _, kind, data in events(client, job_id) if kind == "state"] == [
        "queued",
        "running",
        "done",
    ]


def test_a_model_server_that_goes_away_for_a_while_costs_a_job_nothing(
    tmp_path: Path, folder: Path, start_standin: Callable[..., StandIn]
) -> None:
    standin = start_standin("--service-time", "0.1", "--slots", "2")
    with serving(tmp_path / "home", folder.parent, standin) as (client, _):
        job_id = client.post("/v1/jobs", json=by_model(folder)).json()["id"]
        until(lambda: sum(good_answers(standin).values()) >= 4)
        standin.stop()
        assert client.get("/healthz").status_code == 200
        standin.start()
        job = ended(client, job_id)
        assert (job["state"], job["report"]["waiting"], job["report"]["quarantined"]) == ("done", 0, 0)


def test_a_disk_that_is_full_for_a_moment_costs_no_job_and_no_thread(
    settings: ServiceSettings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trsllava.service.job_queue._BUSY_SECONDS", 0.01)
    full = {"begin_next": 2, "move": 2}

    def until_there_is_room(name: str) -> None:
        write = getattr(Jobs, name)

        def tried(*given: Any, **more: Any) -> Any:
            if full[name]:
                full[name] -= 1
                raise HomeError("no room")
            return write(*given, **more)

        monkeypatch.setattr(Jobs, name, tried)

    with TestClient(create_app(settings)) as client:
        until_there_is_room("begin_next")
        until_there_is_room("move")
        for _ in range(2):
            job_id = client.post("/v1/jobs", json=from_captions(folder)).json()["id"]
            assert ended(client, job_id)["state"] == "done"
    assert full == {"begin_next": 0, "move": 0}
