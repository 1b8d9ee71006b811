"""Structured chat with any OpenAI-compatible server: a schema goes in, a validated object comes out."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from trsllava.completion import Answer, Completion, Message, chat_body, completion_of, parsed
from trsllava.errors import InputError, ServerError
from trsllava.pace import Pace

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 10.0
_CONNECTIONS_A_CLIENT = 16
"""A client looks at each of its connections whenever a request begins or ends: hundreds would cost more than it."""
_LISTING_SECONDS = 15.0
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0
_LONGEST_RETRY_AFTER = 120.0
_TOO_MANY_LATE = 2
_BUSY = (429, 503)
_PASSING = (408, 409, 425, 429, 500, 502, 503, 504)
"""Statuses after which the same request may succeed."""
_REFUSED = (401, 403, 404)
"""Statuses that say something of the server, not of the one request."""


class RequestError(ServerError):
    """The server fails on this one request: finds it malformed, breaks down on it, takes too long. Others may do."""


@dataclass
class _LostError(Exception):
    """A request without a usable reply; it may be sent again."""

    reason: str
    busy: bool = False
    """The server has more to do than it can."""
    late: bool = False
    own_fault: bool = False
    """The server is up, and failed on this request."""
    broken_off: bool = False
    """The connection broke in the middle of it: the server went, or it cannot bear this request."""
    wait: float | None = None
    """Seconds that the server asks for."""


def list_models(base_url: str, *, api_key: str | None = None) -> list[str]:
    """The names of the models that a server serves. Raises ServerError, and InputError for a URL that is none."""
    return list(_served(_api_url(base_url), api_key))


class ChatServer:
    """Where a chat model is served, and how patiently it is asked.

    `concurrency`: the most requests under way at once; fewer while the server is overloaded. `timeout`: seconds that
    one request may take. `retries`: how often a request is sent again that gets a lost connection, a 429 or a 5xx
    while others are answered, waiting as long as Retry-After says, else 0.5 s, 1 s, 2 s … up to 8 s. `patience`:
    seconds without any answer until a server that is busy or away is given up. Raises InputError for a URL that is
    none.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        *,
        api_key: str | None = None,
        concurrency: int = 128,
        timeout: float = 300.0,
        retries: int = 6,
        patience: float = 300.0,
    ) -> None:
        self.base_url = _api_url(base_url)
        self.model = model
        self.concurrency = concurrency
        self.timeout = timeout
        self.retries = retries
        self.patience = patience
        self._api_key = api_key

    def resolve_model(self) -> str:
        """The model to ask: the one named if it is served; without a name, the only one served. Raises ServerError."""
        return self._resolve()[0]

    def _resolve(self) -> tuple[str, str]:
        served = _served(self.base_url, self._api_key)
        if self.model in served:
            return self.model, served[self.model]
        listed = ", ".join(served) or "no model"
        if self.model is not None:
            raise ServerError(f"{self.base_url} does not serve {self.model!r}; it serves: {listed}. Name one.")
        if len(served) != 1:
            raise ServerError(f"{self.base_url} serves: {listed}. Say which model to ask.")
        return next(iter(served.items()))

    @asynccontextmanager
    async def session(self) -> AsyncIterator[ChatSession]:
        """Connections for many questions, closed at the end. Raises ServerError where the model is not served."""
        import httpx

        model, root = await asyncio.to_thread(self._resolve)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        # Only connecting has a limit of its own: the whole request is limited where it is sent.
        timeout = httpx.Timeout(None, connect=_CONNECT_SECONDS)
        tls = httpx.create_ssl_context()
        async with AsyncExitStack() as open_clients:
            clients = [
                httpx.AsyncClient(headers=_headers(self._api_key), limits=limits, timeout=timeout, verify=tls)
                for _ in range(math.ceil(self.concurrency / _CONNECTIONS_A_CLIENT))
            ]
            for client in clients:
                await open_clients.enter_async_context(client)
            yield ChatSession(clients, self, model, root)


class ChatSession:
    """Open connections to a `ChatServer`; made by `ChatServer.session`."""

    def __init__(self, clients: Sequence[httpx.AsyncClient], server: ChatServer, model: str, root: str) -> None:
        self.model = model
        """The name that it is served under."""
        self.root = root
        """What the server loaded under that name: a hub id or a folder."""
        self.pace = Pace(server.concurrency)
        self._clients = clients
        self._server = server
        self._replies = 0
        self._away_since: float | None = None

    async def ask(
        self,
        answer: type[Answer],
        messages: Sequence[Message],
        *,
        temperature: float = 0.0,
        seed: int | None = None,
        max_tokens: int = 4096,
    ) -> Answer:
        """Ask for an answer of this type. Raises what `complete` and `parsed` raise."""
        body = chat_body(self.model, answer, messages, temperature=temperature, seed=seed, max_tokens=max_tokens)
        return parsed(answer, await self.complete(body))

    async def complete(self, body: dict[str, Any]) -> Completion:
        """Send a request until it is answered.

        Raises RequestError for a request that this server cannot deal with, ServerError for a server that refuses us
        or stays away, AnswerError for a reply without a choice.
        """
        content = json.dumps(body, ensure_ascii=False).encode()
        tries = lost = late = 0
        while True:
            replies_before = self._replies
            try:
                reply, seconds = await self._attempt(content)
            except _LostError as fault:
                self._check_patience(fault)
                late += fault.late
                # Only where the server is there for others does the fault lie with this request.
                lost += fault.own_fault or self._replies > replies_before or (fault.broken_off and await self._is_up())
                if late >= _TOO_MANY_LATE or lost > self._server.retries:
                    raise RequestError(f"{fault.reason}. Ask less at once, or look at the server's log.") from fault
                tries += 1
                await asyncio.sleep(_backoff(tries) if fault.wait is None else fault.wait)
            else:
                self._replies += 1
                self._away_since = None
                return completion_of(reply, seconds)

    async def _attempt(self, content: bytes) -> tuple[dict[str, Any], float]:
        """One request, when its turn has come. Raises _LostError."""
        number = await self.pace.acquire()
        try:
            started = time.perf_counter()
            reply = await self._send(content, self._clients[number % len(self._clients)])
            self.pace.answered()
            return reply, time.perf_counter() - started
        except _LostError as fault:
            if fault.busy or fault.late:
                self.pace.overloaded(number)
            raise
        finally:
            self.pace.release()

    async def _send(self, content: bytes, client: httpx.AsyncClient) -> dict[str, Any]:
        import httpx

        url = self._server.base_url
        try:
            async with asyncio.timeout(self._server.timeout):
                response = await client.post(f"{url}/chat/completions", content=content)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _LostError(f"no server can be reached at {url}") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _LostError(f"{url} did not answer within {self._server.timeout:g} s", late=True) from error
        except httpx.TransportError as error:
            said = f"the connection to {url} was lost ({error or type(error).__name__})"
            raise _LostError(said, broken_off=True) from error
        if response.status_code != 200:
            raise _refusal(response, url)
        try:
            reply = response.json()
        except ValueError as error:
            raise _LostError(f"{url} sent a reply that is no JSON ({error})", own_fault=True) from error
        if not isinstance(reply, dict):
            raise _LostError(f"{url} sent a reply that is no chat completion", own_fault=True)
        return reply

    async def _is_up(self) -> bool:
        import httpx

        try:
            listing = await self._clients[0].get(f"{self._server.base_url}/models", timeout=_LISTING_SECONDS)
        except httpx.TransportError:
            return False
        return listing.status_code == 200

    def _check_patience(self, fault: _LostError) -> None:
        now = time.monotonic()
        if self._away_since is None:
            self._away_since = now
        if now - self._away_since + (fault.wait or 0) > self._server.patience:
            raise ServerError(
                f"{fault.reason}, and has answered nothing for {now - self._away_since:.0f} s. "
                "Start the server, or look at its log; then run the command again."
            ) from fault


def _served(url: str, api_key: str | None) -> dict[str, str]:
    """What a server loaded (its root) by the name that it is served under."""
    import httpx

    try:
        response = httpx.get(f"{url}/models", headers=_headers(api_key), timeout=_LISTING_SECONDS)
    except httpx.TimeoutException as error:
        raise ServerError(f"{url} does not answer. Look at the server's log.") from error
    except httpx.TransportError as error:
        raise ServerError(f"no server can be reached at {url} ({error}). Start it, or correct the address.") from error
    if response.status_code != 200:
        raise _unusable(response, url)
    try:
        return {model["id"]: str(model.get("root") or model["id"]) for model in response.json()["data"]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ServerError(f"{url} is no model server's address. Correct it.") from error


def _api_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"{base_url!r} is no address of a model server; write it like http://localhost:8000/v1.")
    return base_url.rstrip("/") + ("" if parts.path.strip("/") else "/v1")


def _headers(api_key: str | None) -> dict[str, str]:
    return {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {api_key}"} if api_key else {})


def _refusal(response: httpx.Response, url: str) -> Exception:
    status = response.status_code
    if status in _REFUSED:
        return _unusable(response, url)
    said = f"{url} answers HTTP {status}: {_message(response)}"
    if status in _PASSING:
        wait = _retry_after(response.headers.get("Retry-After", ""))
        return _LostError(said, busy=status in _BUSY, own_fault=status == 500, wait=wait)
    return RequestError(said)


def _unusable(response: httpx.Response, url: str) -> ServerError:
    said = f"{url} answers HTTP {response.status_code}: {_message(response)}"
    if response.status_code in (401, 403):
        return ServerError(f"{said}. Pass the API key that it wants.")
    return ServerError(f"{said}. Look at the server's log, then run the command again.")


def _message(response: httpx.Response) -> str:
    try:
        body = response.json()
        return str((body.get("error") or body)["message"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return response.text[:200] or response.reason_phrase


def _retry_after(value: str) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3: a number or a date), within reason."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER) if seconds == seconds else None


def _backoff(tries: int) -> float:
    """Seconds, spread a little so that requests lost together do not come back together."""
    return float(min(_FIRST_WAIT * 2 ** (tries - 1), _LONGEST_WAIT) * random.uniform(0.75, 1.0))
