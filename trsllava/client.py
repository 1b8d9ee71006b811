"""The Python client of the service: what works with `trsllava.open()` works with `trsllava.Client(url)`.

import trsllava

with trsllava.Client("http://localhost:8080") as archive:
    result = archive.search("harbor with cranes")
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast

import httpx

from trsllava import calls
from trsllava.calls import Call, RemoteEvent, RemoteStanding, error_of, events_path
from trsllava.chat import read_dialogue
from trsllava.dialogue.state import Dialogue, DialogueSettings
from trsllava.errors import InputError, ServerError
from trsllava.records import Filters
from trsllava.remote.address import public
from trsllava.remote_chat import AsyncRemoteChat, RemoteChat

P = ParamSpec("P")
T = TypeVar("T")

_BUSY = frozenset({429, 503})
_OPEN = frozenset({"queued", "running"})
"""States of jobs that are not at their end."""
_LONGEST_WAIT = 30.0
"""Seconds that a server can make a client wait before it tries again."""


def _sent(ask: Callable[P, Call[T]]) -> Callable[Concatenate[Client, P], T]:
    """A method that sends a call and reads its answer."""

    @wraps(ask)
    def method(self: Client, *args: P.args, **named: P.kwargs) -> T:
        return self.send(ask(*args, **named))

    return cast("Callable[Concatenate[Client, P], T]", method)


def _sent_async(ask: Callable[P, Call[T]]) -> Callable[Concatenate[AsyncClient, P], Awaitable[T]]:
    """A coroutine method that sends a call and reads its answer."""

    @wraps(ask)
    async def method(self: AsyncClient, *args: P.args, **named: P.kwargs) -> T:
        return await self.send(ask(*args, **named))

    return cast("Callable[Concatenate[AsyncClient, P], Awaitable[T]]", method)


class Client:
    """A collection behind a service, asked like an open archive. Thread-safe. Use as a context manager, or `close()`
    it. Methods raise what the archive's raise, and ServerError where the service cannot be reached."""

    def __init__(
        self,
        url: str,
        collection: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        retries: int = 3,
    ) -> None:
        """`url`: where the service is. `collection`: None for its default. `timeout`: seconds that an answer may take.
        `retries`: how often a call is repeated that met a busy or absent server."""
        self.url, self.collection, self._retries = url, collection, retries
        self._http = httpx.Client(base_url=_checked(url), headers=_headers(api_key), timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    search = _sent(calls.search)
    similar = _sent(calls.similar)
    tile = _sent(calls.tile)
    picture = _sent(calls.picture)
    thumbnail = _sent(calls.thumbnail)
    facets = _sent(calls.facets)
    suggest = _sent(calls.suggest)
    use_labels = _sent(calls.use_labels)
    collections = _sent(calls.collections)
    index = _sent(calls.index)
    reindex = _sent(calls.reindex)
    job = _sent(calls.job)
    jobs = _sent(calls.jobs)
    cancel = _sent(calls.cancel)
    resume = _sent(calls.resume)

    def chat(
        self,
        text: str = "",
        *,
        resume: Dialogue | Path | str | None = None,
        k: int = 10,
        rounds: int | None = None,
        settings: DialogueSettings | None = None,
        filters: Filters | None = None,
    ) -> RemoteChat:
        """A dialogue, as `trsllava.Archive.chat` begins it or goes on with it; the server keeps it. Files are of this
        machine."""
        return RemoteChat(self, self.send(_begun(text, resume, k, rounds, settings, filters)), k)

    def events(self, job_id: str, after: int = 0) -> Iterator[RemoteEvent]:
        """What happens to a job, from the event with the number `after` on, until it ends. A stream that breaks off is
        taken up where it was."""
        failures = 0
        while True:
            try:
                with self._http.stream("GET", events_path(job_id), **_follow(after)) as answer:
                    if not answer.is_success:
                        raise error_of(answer.status_code, answer.read())
                    reader = EventReader()
                    for line in answer.iter_lines():
                        for event in reader.read(line):
                            after, failures = event.number, 0
                            yield event
                if self.job(job_id).state not in _OPEN:
                    return
            except httpx.TransportError as error:
                if failures == self._retries:
                    raise _absent(self.url) from error
            time.sleep(_patience(failures))
            failures += 1

    def send(self, call: Call[T]) -> T:
        """What the service answers to a call. Raises TrsllavaError."""
        for attempt in range(self._retries + 1):
            try:
                answer = self._http.request(call.method, call.path, **_request(call, self.collection))
            except httpx.TransportError as error:
                if attempt == self._retries or not call.repeatable:
                    raise _absent(self.url) from error
                wait = _patience(attempt)
            else:
                if answer.status_code not in _BUSY or attempt == self._retries:
                    return _read(call, answer)
                wait = _wished(answer, attempt)
            time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")


class AsyncClient:
    """`Client` for asyncio: every method is awaited. Use as an async context manager, or `aclose()` it."""

    def __init__(
        self,
        url: str,
        collection: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        retries: int = 3,
    ) -> None:
        """As for `Client`."""
        self.url, self.collection, self._retries = url, collection, retries
        self._http = httpx.AsyncClient(base_url=_checked(url), headers=_headers(api_key), timeout=timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    search = _sent_async(calls.search)
    similar = _sent_async(calls.similar)
    tile = _sent_async(calls.tile)
    picture = _sent_async(calls.picture)
    thumbnail = _sent_async(calls.thumbnail)
    facets = _sent_async(calls.facets)
    suggest = _sent_async(calls.suggest)
    use_labels = _sent_async(calls.use_labels)
    collections = _sent_async(calls.collections)
    index = _sent_async(calls.index)
    reindex = _sent_async(calls.reindex)
    job = _sent_async(calls.job)
    jobs = _sent_async(calls.jobs)
    cancel = _sent_async(calls.cancel)
    resume = _sent_async(calls.resume)

    async def chat(
        self,
        text: str = "",
        *,
        resume: Dialogue | Path | str | None = None,
        k: int = 10,
        rounds: int | None = None,
        settings: DialogueSettings | None = None,
        filters: Filters | None = None,
    ) -> AsyncRemoteChat:
        """As for `Client`; the steps of what it gives are awaited."""
        return AsyncRemoteChat(self, await self.send(_begun(text, resume, k, rounds, settings, filters)), k)

    async def events(self, job_id: str, after: int = 0) -> AsyncIterator[RemoteEvent]:
        """What happens to a job, from the event with the number `after` on, until it ends. A stream that breaks off is
        taken up where it was."""
        failures = 0
        while True:
            try:
                async with self._http.stream("GET", events_path(job_id), **_follow(after)) as answer:
                    if not answer.is_success:
                        raise error_of(answer.status_code, await answer.aread())
                    reader = EventReader()
                    async for line in answer.aiter_lines():
                        for event in reader.read(line):
                            after, failures = event.number, 0
                            yield event
                if (await self.job(job_id)).state not in _OPEN:
                    return
            except httpx.TransportError as error:
                if failures == self._retries:
                    raise _absent(self.url) from error
            await asyncio.sleep(_patience(failures))
            failures += 1

    async def send(self, call: Call[T]) -> T:
        """What the service answers to a call. Raises TrsllavaError."""
        for attempt in range(self._retries + 1):
            try:
                answer = await self._http.request(call.method, call.path, **_request(call, self.collection))
            except httpx.TransportError as error:
                if attempt == self._retries or not call.repeatable:
                    raise _absent(self.url) from error
                wait = _patience(attempt)
            else:
                if answer.status_code not in _BUSY or attempt == self._retries:
                    return _read(call, answer)
                wait = _wished(answer, attempt)
            await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns or raises")


def _begun(
    text: str,
    resume: Dialogue | Path | str | None,
    k: int,
    rounds: int | None,
    settings: DialogueSettings | None,
    filters: Filters | None,
) -> Call[RemoteStanding]:
    dialogue = read_dialogue(Path(resume)) if isinstance(resume, str | Path) else resume
    return calls.begin_chat(text, dialogue, k=k, rounds=rounds, settings=settings, filters=filters)


def _checked(url: str) -> httpx.URL:
    """Raises InputError for what is no address."""
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        shown = public(str(url))
        raise InputError(f"{shown!r} is no address of a service; write it as http://localhost:8080.") from error


def _headers(api_key: str | None) -> dict[str, str]:
    return {"X-API-Key": api_key} if api_key else {}


def _request(call: Call[Any], collection: str | None) -> dict[str, Any]:
    """What httpx is given of a call."""
    of = {"collection": collection} if collection is not None and call.of_collection else {}
    if call.body is None:
        return {"params": {**call.parameters, **of}}
    body: Mapping[str, Any] = {**call.body, **of}
    if call.picture is None:
        return {"json": body, "params": call.parameters}
    return {"files": {"image": call.picture}, "data": {"query": json.dumps(body)}}


def _follow(after: int) -> dict[str, Any]:
    """How a stream of events is asked for: without a limit of time between two of them."""
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": str(after)} if after else {})}
    return {"headers": headers, "timeout": httpx.Timeout(30.0, read=None)}


class EventReader:
    """Reads a stream of server-sent events, line by line."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}

    def read(self, line: str) -> Iterator[RemoteEvent]:
        """The event that a line completes, if it does."""
        if line:
            name, _, value = line.partition(":")
            if name:  # else a comment, which keeps the connection alive
                value = value.removeprefix(" ")
                before = self._fields.get(name)
                self._fields[name] = value if before is None or name != "data" else f"{before}\n{value}"
            return
        fields, self._fields = self._fields, {}
        if "data" in fields:
            number, event = int(fields.get("id", 0)), fields.get("event", "message")
            yield RemoteEvent(number=number, event=event, data=json.loads(fields["data"]))


def _read(call: Call[T], answer: httpx.Response) -> T:
    if not answer.is_success:
        raise error_of(answer.status_code, answer.content)
    try:
        return call.read(answer.content)
    except (ValueError, KeyError, TypeError, OSError) as error:  # whatever is there answers to anything
        raise ServerError(f"What answers at {answer.url.host} is not this service. Check its address.") from error


def _wished(answer: httpx.Response, attempt: int) -> float:
    """Seconds that the server asks to wait (Retry-After)."""
    try:
        seconds = float(answer.headers["Retry-After"])
    except (KeyError, ValueError):
        return _patience(attempt)
    return min(max(seconds, 0.0), _LONGEST_WAIT) if math.isfinite(seconds) else _patience(attempt)


def _patience(attempt: int) -> float:
    return float(min(0.25 * 2 ** min(attempt, 10), _LONGEST_WAIT))


def _absent(url: str) -> ServerError:
    return ServerError(
        f"The service at {public(url)} does not answer. Start it with `trsllava serve`, or check the address."
    )
