"""Structured chat with any OpenAI-compatible server: a schema goes in, a validated object comes out."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from trsllava.brake import Brake
from trsllava.capabilities import Capabilities
from trsllava.completion import Answer, Completion, Message, chat_body, completion_of, parsed
from trsllava.errors import InputError, Parameter, ServerError
from trsllava.pace import Pace
from trsllava.refusals import Refusal, refusal_inside, refusal_of
from trsllava.retries import LostError, Patience, Tries

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 10.0
_CONNECTIONS_A_CLIENT = 16
"""A client looks at each of its connections whenever a request begins or ends: hundreds would cost more than it."""
_LISTING_SECONDS = 15.0
_PASTED = ("/chat/completions", "/completions", "/models")
"""Pages of a server that people paste as its address."""


class RequestError(ServerError):
    """The server fails on this one request: finds it malformed, breaks down on it, takes too long. Others may do."""

    def __init__(self, message: str, kind: str = "lost") -> None:
        super().__init__(message)
        self.kind = kind
        """In a word or two: requests that fail in the same way have the same."""


class _RefusedError(Exception):
    """The server finds something in the request that it does not take."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


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
    async def session(self, brake: Brake | None = None) -> AsyncIterator[ChatSession]:
        """Connections for many questions, closed at the end; `brake` stops a run of them that all fail. Raises
        ServerError where the model is not served."""
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
            yield ChatSession(clients, self, model, root, brake or Brake(keep_going=True))


class ChatSession:
    """Open connections to a `ChatServer`; made by `ChatServer.session`."""

    def __init__(
        self, clients: Sequence[httpx.AsyncClient], server: ChatServer, model: str, root: str, brake: Brake
    ) -> None:
        self.model = model
        """The name that it is served under."""
        self.root = root
        """What the server loaded under that name: a hub id or a folder."""
        self.pace = Pace(server.concurrency)
        self.brake = brake
        self.capabilities = Capabilities()
        """What the server has refused so far, and is no longer asked with."""
        self._probing = asyncio.Lock()
        self._probed = False
        self._clients = clients
        self._server = server
        self._patience = Patience(server.patience)

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
        while True:
            capabilities = self.capabilities
            fitted = capabilities.fitted(body)
            try:
                return await self._delivered(fitted)
            except _RefusedError as error:
                if self.capabilities == capabilities:
                    await self._adapt(error.refusal, fitted, body, capabilities)

    async def _adapt(self, refusal: Refusal, sent: dict[str, Any], body: dict[str, Any], before: Capabilities) -> None:
        """Leave out what the server has refused in `sent`, which is `body` as fitted `before`.

        Raises RequestError where nothing that could be left out is at fault.
        """
        if changed := self.capabilities.after(refusal.message, sent):
            self.capabilities = changed
            self.brake.slow(refusal.sentence(self._server.base_url))
            return
        error = RequestError(refusal.sentence(self._server.base_url), f"HTTP {refusal.status}")
        async with self._probing:  # one request finds out for all
            if self.capabilities != before:
                return
            if self._probed or self._patience.replies:
                raise error
            self._probed = True
            self.brake.slow(str(error))
            for trial in self.capabilities.trials(sent):
                try:
                    await self._delivered(trial.fitted(body))
                except _RefusedError:
                    continue
                self.capabilities = trial
                return
        raise error

    async def _delivered(self, body: dict[str, Any]) -> Completion:
        """Send a request as it is until it is answered. Raises _RefusedError, and what `complete` raises."""
        content = json.dumps(body, ensure_ascii=False).encode()
        tries = Tries(self._server.retries)
        while True:
            replies_before = self._patience.replies
            try:
                reply, seconds = await self._attempt(content)
            except LostError as fault:
                self._patience.check(fault)
                # Only where the server is there for others does the fault lie with this request.
                its_own = fault.own_fault or self._patience.replies > replies_before
                its_own = its_own or (fault.broken_off and await self._is_up())
                tries.count(fault, its_own)
                if tries.exhausted:
                    reason = f"{fault.reason}. Ask less at once, or look at the server's log."
                    raise RequestError(reason, fault.kind) from fault
                if not self._patience.replies:
                    self.brake.slow(fault.reason)
                probing = not its_own and not self.brake.released
                await asyncio.sleep(self._patience.pause(tries, fault, probing=probing))
            else:
                self._patience.answered()
                return completion_of(reply, seconds)

    async def _attempt(self, content: bytes) -> tuple[dict[str, Any], float]:
        """One request, when its turn has come. Raises LostError."""
        await self.brake.begin()
        try:
            return await self._in_turn(content)
        finally:
            self.brake.end()

    async def _in_turn(self, content: bytes) -> tuple[dict[str, Any], float]:
        number = await self.pace.acquire()
        try:
            started = time.perf_counter()
            reply = await self._send(content, self._clients[number % len(self._clients)])
            self.pace.answered()
            return reply, time.perf_counter() - started
        except LostError as fault:
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
            raise LostError(f"no server can be reached at {url}") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise LostError(f"{url} did not answer within {self._server.timeout:g} s", late=True) from error
        except httpx.TransportError as error:
            said = f"the connection to {url} was lost ({error or type(error).__name__})"
            raise LostError(said, broken_off=True) from error
        if response.status_code != 200:
            raise await self._told(refusal_of(response))
        try:
            reply = response.json()
        except ValueError as error:
            raise LostError(f"{url} sent a reply that is not JSON ({error})", own_fault=True) from error
        if not isinstance(reply, dict):
            raise LostError(f"{url} sent a reply that is not a chat completion", own_fault=True)
        if refusal := refusal_inside(reply):
            raise await self._told(refusal)
        return reply

    async def _told(self, refusal: Refusal) -> Exception:
        """What a refusal means; where the model is missing, with the models that there are."""
        if refusal.status == 404 and "model" in refusal.message.lower():
            try:
                served = await asyncio.to_thread(_served, self._server.base_url, self._server._api_key)
            except ServerError:
                served = {}
            if served:
                said = refusal.sentence(self._server.base_url)
                return ServerError(
                    f"{said}. It serves: {', '.join(served)}. Name one of them with ", Parameter("model"), "."
                )
        return self._fault(refusal)

    def _fault(self, refusal: Refusal) -> Exception:
        url = self._server.base_url
        if error := refusal.of_the_server(url):
            return error
        if refusal.passing:
            said = refusal.sentence(url)
            own_fault, kind = refusal.status == 500, f"HTTP {refusal.status}"
            return LostError(said, busy=refusal.busy, own_fault=own_fault, wait=refusal.wait, kind=kind)
        if refusal.adaptable:
            return _RefusedError(refusal)
        return RequestError(refusal.sentence(url), f"HTTP {refusal.status}")

    async def _is_up(self) -> bool:
        import httpx

        try:
            listing = await self._clients[0].get(f"{self._server.base_url}/models", timeout=_LISTING_SECONDS)
        except httpx.TransportError:
            return False
        return listing.status_code == 200


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
        refusal = refusal_of(response)
        raise refusal.of_the_server(url) or ServerError(
            f"{refusal.sentence(url)}. Look at the server's log, then run the command again."
        )
    try:
        return {model["id"]: str(model.get("root") or model["id"]) for model in response.json()["data"]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ServerError(f"{url} is not a model server; check the address.") from error


def _api_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"{base_url!r} is not the address of a model server; it looks like http://localhost:8000/v1.")
    address = base_url.rstrip("/")
    for page in _PASTED:
        address = address.removesuffix(page)
    return address + ("" if urlsplit(address).path.strip("/") else "/v1")


def _headers(api_key: str | None) -> dict[str, str]:
    return {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {api_key}"} if api_key else {})
