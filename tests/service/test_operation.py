"""How the service is seen from outside, and what it does when much is asked of it."""

from __future__ import annotations

import json
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from tests.standin.encoders import WordEncoder
from trsllava.encoders.protocol import FloatArray
from trsllava.service import ServiceSettings, create_app
from trsllava.service.admission import Admission
from trsllava.service.batching import BatchingEncoder
from trsllava.service.metrics import Metrics
from trsllava.service.middleware import JsonLines
from trsllava.service.problems import Problem
from trsllava.service.server import listen


def test_a_living_service_says_so(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_service_is_ready_when_its_collections_can_be_searched(client: TestClient) -> None:
    assert client.get("/readyz").status_code == 200


def test_a_service_that_is_ready_has_vectors_in_memory(served_home: Path) -> None:
    app = create_app(ServiceSettings(home=served_home))
    with TestClient(app) as client:
        assert client.get("/readyz").status_code == 200
        assert app.state.service.archives.get().store.held(1) is not None


def test_warming_a_service_without_a_collection_is_no_error(tmp_path: Path) -> None:
    app = create_app(ServiceSettings(home=tmp_path))
    with TestClient(app):
        app.state.service.archives.warm()


def test_a_service_with_a_damaged_collection_is_not_ready(tmp_path: Path) -> None:
    ledger = tmp_path / "collections" / "broken" / "ledger.sqlite"
    ledger.parent.mkdir(parents=True)
    ledger.write_bytes(b"no database at all" * 100)
    with TestClient(create_app(ServiceSettings(home=tmp_path))) as client:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
        assert client.get("/healthz").status_code == 200


def test_an_answer_does_not_wait_for_the_network_to_confirm_its_beginning() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_figures_tell_what_was_asked_and_how_long_stages_took(client: TestClient) -> None:
    before = _figures(client)
    client.get("/v1/search", params={"text": "harbor"})
    client.get("/v1/search", params={"text": "harbor", "collection": "nowhere"})
    after = _figures(client)

    def grown(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return after[key] - before.get(key, 0)

    assert grown("trsllava_requests_total", method="GET", route="/v1/search", status="200") == 1
    assert grown("trsllava_requests_total", method="GET", route="/v1/search", status="404") == 1
    assert grown("trsllava_problems_total", kind="unknown-collection") == 1
    assert grown("trsllava_search_seconds_count", stage="encode") == 1
    assert grown("trsllava_search_seconds_count", stage="total") == 1


def _figures(client: TestClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_made_up_paths_make_no_new_figures(client: TestClient) -> None:
    for number in range(5):
        client.get(f"/made-up-{number}")
    assert not [name for name, labels in _figures(client) if "made-up" in str(labels)]


@pytest.mark.parametrize("path", ["/healthz", "/v1/search", "/v1/items/x", "/nowhere", "/v1/search?text=harbor"])
def test_every_answer_has_security_headers_and_an_id(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-request-id"]


def test_an_id_that_comes_with_a_request_is_kept_and_a_hostile_one_is_not(client: TestClient) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    for hostile in ("a b", "x" * 65, "{}", 'a"b'):
        assert client.get("/healthz", headers={"X-Request-ID": hostile}).headers["x-request-id"] != hostile


def test_other_origins_are_not_let_in(client: TestClient) -> None:
    answer = client.get("/v1/search?text=harbor", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    preflight = client.options(
        "/v1/search", headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 405


def test_the_log_has_a_line_a_request_and_no_word_of_the_query(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="trsllava.service")
    client.get("/v1/search", params={"text": "zebracorn"}, headers={"X-Request-ID": "abc-2"})
    client.post("/v1/search", json={"text": "zebracorn", "k": 0})
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "trsllava.service"]
    assert [(line["path"], line["status"]) for line in lines] == [("/v1/search", 200), ("/v1/search", 400)]
    assert "zebracorn" not in json.dumps(lines)


@pytest.mark.parametrize("place", ["", "/search", "/collections/default", "/no/such/place"])
def test_the_log_has_no_word_of_a_saved_query_whose_text_is_in_the_path(
    client: TestClient, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    caplog.set_level(logging.INFO, logger="trsllava.service")
    client.get(f"/stac/q/zebracorn%2Fsnow{place}")
    client.get(f"/stac/q/zebracorn snow{place}")
    lines = [JsonLines().format(record) for record in caplog.records if record.name == "trsllava.service"]
    assert [json.loads(line)["path"].startswith("/stac/q/") for line in lines] == [True, True]
    assert "zebracorn" not in "".join(lines)
    assert "snow" not in "".join(lines)


def test_query_texts_are_logged_where_that_is_wanted(served_home: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="trsllava.service")
    with TestClient(create_app(ServiceSettings(home=served_home, log_queries=True))) as client:
        client.get("/v1/search", params={"text": "zebracorn"})
    assert [line.told["text"] for line in caplog.records if line.name == "trsllava.service.search"] == ["zebracorn"]


def test_a_line_break_does_not_begin_another_line_of_the_log() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "a\nb\r\x1b[31m", None, None)
    assert len(JsonLines().format(record).splitlines()) == 1


def test_an_error_that_nobody_foresaw_is_told_without_its_inside(served_home: Path) -> None:
    app = create_app(ServiceSettings(home=served_home))

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret")

    with TestClient(app) as client:
        answer = client.get("/broken")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"]


# Admission


async def _refused(admission: Admission) -> Problem:
    with pytest.raises(Problem) as refusal:
        await admission.run(lambda: None)
    return refusal.value


@pytest.mark.anyio
async def test_what_does_not_fit_into_the_queue_is_refused_at_once_and_let_in_later() -> None:
    import anyio

    go = threading.Event()
    admission = Admission(workers=1, queue=1, seconds=30, metrics=Metrics())
    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(admission.run, go.wait)
        await anyio.wait_all_tasks_blocked()
        refusal = await _refused(admission)
        assert (refusal.status, refusal.headers["Retry-After"]) == (429, "1")
        go.set()
    assert await admission.run(lambda: "in") == "in"
    admission.close()


@pytest.mark.anyio
async def test_what_takes_too_long_is_answered_and_keeps_its_place_until_it_ends() -> None:
    go = threading.Event()
    admission = Admission(workers=1, queue=0, seconds=0.01, metrics=Metrics())
    with pytest.raises(Problem) as slow:
        await admission.run(go.wait)
    assert slow.value.status == 503
    assert (await _refused(admission)).status == 429
    go.set()
    admission.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


# Micro-batches


class _Held(WordEncoder):
    """Encodes nothing before it is let go, and remembers its batches."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = threading.Event(), threading.Event()
        self.batches: list[list[str]] = []

    def encode(self, texts: list[str]) -> FloatArray:  # type: ignore[override]
        self.batches.append(list(texts))
        self.begun.set()
        assert self.go.wait(30)
        return super().encode(texts)


def test_texts_that_come_while_a_batch_is_encoded_make_up_the_next() -> None:
    held = _Held()
    encoder = BatchingEncoder(held, remembered=0, metrics=Metrics())
    texts = [f"harbor {number}" for number in range(8)]
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(encoder.encode, ["first"])
        assert held.begun.wait(30)
        others = [threads.submit(encoder.encode, [text]) for text in texts]
        while encoder.waiting() < len(texts):
            pass
        held.go.set()
        vectors = [other.result() for other in others]
        first.result()
    assert [len(batch) for batch in held.batches] == [1, 8]
    assert np.array_equal(np.concatenate(vectors), WordEncoder().encode(texts))


def test_a_text_is_encoded_once_while_it_is_remembered() -> None:
    words = WordEncoder()
    encoder = BatchingEncoder(words, remembered=2, metrics=Metrics())
    for text in ("a", "b", "a", "c", "a", "b"):  # c takes the place of b, which was used longer ago than a
        encoder.encode([text])
    assert words.encoded == ["a", "b", "c", "b"]


def test_an_encoder_that_fails_fails_for_those_who_waited_and_goes_on() -> None:
    class Failing(WordEncoder):
        def _batch(self, texts: list[str]) -> FloatArray:
            if "bad" in texts:
                raise ValueError("bad")
            return super()._batch(texts)

    encoder = BatchingEncoder(Failing(), remembered=10, metrics=Metrics())
    with pytest.raises(ValueError, match="bad"):
        encoder.encode(["bad"])
    assert encoder.encode(["good", "good"]).shape == (2, 32)
    assert encoder.encode([]).shape == (0, 32)
