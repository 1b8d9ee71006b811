"""One contract: what `trsllava.open()` answers, `trsllava.Client` answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import trsllava
from tests.service.conftest import Served
from tests.standin.hits import same_hits
from trsllava import Archive, Client, Filters, Footprint, Query
from trsllava.client import EventReader, _wished
from trsllava.errors import InputError, ServerError, UnknownCollectionError, UnknownTileError
from trsllava.records import Area

Side = Archive | Client


@pytest.fixture(scope="session")
def remote(served: Served) -> Iterator[Client]:
    with Client(served.url) as client:
        yield client


HARBOR = Filters(labels=("harbor",))
WORLD = Footprint(west=-180, south=-80, east=180, north=80)
SEARCHES: dict[str, Callable[[Side], Any]] = {
    "words": lambda side: side.search("harbor with cranes", k=3),
    "an exclusion": lambda side: side.search("airport without planes"),
    "exact words": lambda side: side.search("habor without ships", exact_words=True),
    "a query": lambda side: side.search(Query(text="habor", unwanted=("ship",), k=4)),
    "a query and more": lambda side: side.search(Query(text="harbor", k=4), k=2, labels="harbor"),
    "filters": lambda side: side.search("sea", filters=HARBOR, bbox=WORLD),
    "across the dateline": lambda side: side.search("sea", bbox=(170, -80, -170, 80)),
    "a year": lambda side: side.search("sea", time="2020/2023"),
    "a day": lambda side: side.search("sea", time=(date(2020, 1, 1), None)),
    "an instant": lambda side: side.search("sea", time=(None, datetime(2023, 5, 1, 12, 30, 15, 250))),
    "without labels": lambda side: side.search("sea", without_labels=["harbor", "ship"]),
    "branches": lambda side: side.search("sea", branches=["bm25", "dense"], weights={"dense": 2}, fusion="rrf"),
    "a cut": lambda side: side.search("harbor", min_relevance=0.5, min_score=0.5),
    "an order": lambda side: side.search("harbor", sort="oldest", diversity=0.4, all_tiles=True),
    "an array": lambda side: side.search(image=np.full((40, 60, 3), (20, 60, 90), np.uint8), k=3),
    "an array and words": lambda side: side.search("ships", image=np.full((40, 60, 3), 80, np.uint8), weight=0.5),
    "the like": lambda side: side.similar(_harbor(side), k=3),
    "the like in another order": lambda side: side.similar(_harbor(side), k=5, filters=HARBOR, sort="newest"),
}  # fmt: skip


def _harbor(side: Side) -> str:
    return str(side.search("harbor", k=1)[0].tile.id)


@pytest.mark.parametrize("name", SEARCHES)
def test_finds_what_the_library_finds(archive: Archive, remote: Client, name: str) -> None:
    here, there = SEARCHES[name](archive), SEARCHES[name](remote)
    assert same_hits(there, here)
    assert there.understood == here.understood
    assert there.coverage == here.coverage
    assert there.notices() == here.notices()
    assert there.timings.total > 0


def test_a_file_of_this_machine_is_searched_by(archive: Archive, remote: Client) -> None:
    file = Path(archive.search("harbor", k=1)[0].paths[0])
    assert same_hits(remote.search("with ships", image=file), archive.search("with ships", image=file))


@pytest.mark.parametrize(
    "ask",
    [
        lambda side: side.tile(_harbor(side)),
        lambda side: side.tile(_harbor(side)[:10]),
        lambda side: side.picture(_harbor(side)).tolist(),
        lambda side: side.picture(_harbor(side), longest=40).tolist(),
        lambda side: side.facets(),
        lambda side: side.facets(HARBOR, limit=3),
        lambda side: side.suggest("a wide har"),
        lambda side: side.suggest("harbr", limit=2),
    ],
    ids=["tile", "beginning", "picture", "small picture", "facets", "filtered facets", "suggest", "repair"],
)
def test_answers_as_the_library_does(archive: Archive, remote: Client, ask: Callable[[Side], Any]) -> None:
    assert ask(remote) == ask(archive)


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda side: side.search(""), InputError),
        (lambda side: side.search("harbor", k=0), InputError),
        (lambda side: side.search("harbor", bbox=(0, 10, 1, 0)), InputError),
        (lambda side: side.search("harbor", time="yesterday"), InputError),
        (lambda side: side.search("harbor", weight=0.5), InputError),
        (lambda side: side.search("harbor", weights={"dense": 0, "bm25": 0, "image": 0}), InputError),
        (lambda side: side.search(image=Path("nowhere.png")), InputError),
        (lambda side: side.search(image=np.zeros((2, 2), np.uint8)), InputError),
        (lambda side: side.tile("ffffffffff"), UnknownTileError),
        (lambda side: side.tile("no id/../"), UnknownTileError),
        (lambda side: side.similar("ffffffffff"), UnknownTileError),
        (lambda side: side.picture("ffffffffff"), UnknownTileError),
    ],
)
def test_refuses_what_the_library_refuses(
    archive: Archive, remote: Client, ask: Callable[[Side], Any], error: type[Exception]
) -> None:
    for side in (archive, remote):
        with pytest.raises(error):
            ask(side)


def test_a_collection_that_is_not_there_is_told_as_by_the_library(served: Served, served_home: Path) -> None:
    with Client(served.url, "nowhere") as client, pytest.raises(UnknownCollectionError):
        client.search("harbor")
    with trsllava.open(served_home, "nowhere") as archive, pytest.raises(UnknownCollectionError):
        archive.search("harbor")


def test_tells_the_collections(remote: Client) -> None:
    assert remote.collections() == ["default"]


def test_a_thumbnail_is_a_file(remote: Client) -> None:
    assert remote.thumbnail(_harbor(remote), size=32)[:2] == b"\xff\xd8"


@pytest.mark.anyio
async def test_asyncio_finds_the_same(served: Served, archive: Archive) -> None:
    async with trsllava.AsyncClient(served.url) as client:
        assert same_hits(await client.search("harbor", k=3), archive.search("harbor", k=3))
        assert await client.suggest("har") == archive.suggest("har")
        with pytest.raises(UnknownTileError):
            await client.tile("ffffffffff")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


# Jobs


@pytest.fixture
def writable(tmp_path: Path) -> Iterator[tuple[Served, Path]]:
    """A service without collections that may index a folder with one picture; and that folder."""
    from PIL import Image

    from tests.service.conftest import running
    from trsllava.service import ServiceSettings, create_app

    images = tmp_path / "images"
    images.mkdir()
    Image.effect_noise((64, 64), 50).convert("RGB").save(images / "one.png")
    (images / "captions.jsonl").write_text('{"image": "one.png", "captions": ["a harbor with cranes"]}')
    settings = ServiceSettings(home=tmp_path / "home", roots=(images,))
    with running(create_app(settings), settings) as served:
        yield served, images


def test_a_job_is_queued_followed_to_its_end_and_told(writable: tuple[Served, Path]) -> None:
    served, images = writable
    with Client(served.url) as client:
        job = client.index(str(images), captions=str(images / "captions.jsonl"))
        events = list(client.events(job.id))
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert client.job(job.id).state == "done"
        assert [one.id for one in client.jobs()] == [job.id]
        assert 'trsllava_jobs{state="done"} 1.0' in httpx.get(f"{served.url}/metrics").text
        assert list(client.events(job.id, after=events[-2].number)) == events[-1:]
        assert client.search("harbor")[0].paths == (str(images / "one.png"),)


def test_a_folder_outside_of_the_roots_is_refused(writable: tuple[Served, Path], tmp_path: Path) -> None:
    served, _ = writable
    with Client(served.url) as client, pytest.raises((InputError, ServerError)):
        client.index(str(tmp_path))


@pytest.mark.anyio
async def test_asyncio_follows_a_job(writable: tuple[Served, Path]) -> None:
    served, images = writable
    async with trsllava.AsyncClient(served.url) as client:
        job = await client.index(str(images), captions=str(images / "captions.jsonl"))
        assert [event.number async for event in client.events(job.id)][:2] == [1, 2]
        assert (await client.job(job.id)).state == "done"


def test_events_are_read_however_they_are_cut_into_lines() -> None:
    lines = ["id: 1", "event: state", 'data: {"a":', "data: 1}", "", ": alive", "", 'data:{"b": 2}', "id:2", ""]
    reader = EventReader()
    found = [(event.number, event.event, event.data) for line in lines for event in reader.read(line)]
    assert found == [(1, "state", {"a": 1}), (2, "message", {"b": 2})]


# Servers that are busy or away


def test_a_busy_server_is_asked_again_when_it_says(busy: Served) -> None:
    with Client(busy.url) as client:
        assert client.collections() == []


def test_a_busy_server_is_given_up_after_some_retries(busy: Served) -> None:
    with Client(busy.url, retries=1) as client, pytest.raises(ServerError):
        client.collections()


@pytest.mark.anyio
async def test_asyncio_asks_a_busy_server_again(busy: Served) -> None:
    async with trsllava.AsyncClient(busy.url) as client:
        assert await client.collections() == []


@pytest.fixture
def busy() -> Iterator[Served]:
    """A server that is too busy for the first two requests."""
    from fastapi import FastAPI
    from fastapi.responses import JSONResponse

    from tests.service.conftest import running

    app, asked = FastAPI(), []

    @app.get("/v1/collections")
    def collections() -> JSONResponse:
        asked.append(1)
        if len(asked) <= 2:
            told = {"type": "/problems/too-busy", "detail": "Too many requests are waiting."}
            return JSONResponse(told, 429, headers={"Retry-After": "0"})
        return JSONResponse({"default": "default", "collections": []})

    with running(app) as served:
        yield served


def test_a_server_that_is_not_there_is_told_with_its_address() -> None:
    with Client("http://127.0.0.1:9", retries=0) as client, pytest.raises(ServerError, match=r"127\.0\.0\.1:9"):
        client.search("harbor")


def test_what_is_no_service_is_told(busy: Served) -> None:
    with Client(busy.url, retries=0) as client, pytest.raises(ServerError, match="404"):
        client.search("harbor")


@pytest.fixture(scope="module")
def other() -> Iterator[Served]:
    """A server of something else, which answers to anything: with a page, at `/json` with a document."""
    from fastapi import FastAPI, Response

    from tests.service.conftest import running

    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    def anything(path: str) -> Response:
        if path.startswith("json/"):
            return Response('{"hits": [{}], "jobs": {}, "collections": [1]}', media_type="application/json")
        return Response("<html>Welcome</html>", media_type="text/html")

    with running(app) as served:
        yield served


@pytest.mark.parametrize("below", ["", "/json"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.search("harbor"),
        lambda client: client.tile("0f6c"),
        lambda client: client.picture("0f6c"),
        lambda client: client.facets(),
        lambda client: client.suggest("har"),
        lambda client: client.collections(),
        lambda client: client.job("0f6c"),
        lambda client: client.chat("harbor"),
        lambda client: list(client.events("0f6c")),
    ],
)
def test_a_server_of_something_else_that_answers_to_anything_is_told(
    other: Served, below: str, ask: Callable[[Client], Any]
) -> None:
    with Client(other.url + below) as client, pytest.raises(ServerError, match=r"127\.0\.0\.1 is not this service"):
        ask(client)


@pytest.mark.parametrize("url", ["http://localhost:port", "http://ada:geheim@localhost:port/?sig=geheim"])
def test_what_is_no_address_is_refused_without_its_credentials(url: str) -> None:
    with pytest.raises(InputError, match="is no address of a service") as refused:
        Client(url)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(spans=((datetime(2020, 1, 1), datetime(2020, 2, 1)),)),
        Filters(label_spellings=(("harbor", "harbour"),)),
        Filters(area=Area(boxes=(WORLD,))),
    ],
    ids=["spans", "spellings", "area"],
)
def test_filters_that_cannot_be_sent_are_refused_and_not_dropped(remote: Client, filters: Filters) -> None:
    with pytest.raises(InputError, match="without area, spans and spellings"):
        remote.search("harbor", filters=filters)
    with pytest.raises(InputError, match="without area, spans and spellings"):
        remote.facets(filters)


@pytest.mark.parametrize("asked", ["nan", "inf", "-5", "soon"])
def test_however_long_a_server_asks_to_wait_the_client_waits_seconds(asked: str) -> None:
    answer = httpx.Response(429, headers={"Retry-After": asked})
    assert 0 <= _wished(answer, attempt=2000) <= 30
