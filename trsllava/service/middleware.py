"""What happens to every request: an id, a line in the log, figures, security headers."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import uuid
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trsllava.service.metrics import Metrics
from trsllava.service.problems import Problem, problem_response
from trsllava.service.routes import route_of, told_path

_log = logging.getLogger("trsllava.service")
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MOST_VALUES = 50_000
"""Commas in a JSON body: pictures in base64 and texts are long without any. A million small values would be a million
Python objects, and as many errors where they are wrong."""
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being worked on."""


class Observed:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, metrics: Metrics, body_seconds: float, body_room: int) -> None:
        """`body_seconds`: how long a client may take to send a request's body; `body_room`: bytes of all bodies that
        are held at once."""
        self._app, self._metrics = app, metrics
        self._body_seconds, self._bodies = body_seconds, Bodies(body_room)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        app = self._app
        if "content-length" in asked and "transfer-encoding" in asked:
            # A proxy may go by one and we by the other: what one takes for a body, the other takes for a request.
            app = problem_response(Problem(400, "malformed", "A body has a length or comes in chunks, not both."))
        incoming = Incoming(asked, receive, self._body_seconds, self._bodies)
        given = asked.get("x-request-id", "")
        own = given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(own)
        status = 0
        start = perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = own
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if not incoming.whole:
                    headers["Connection"] = "close"  # else the rest of an endless body would be read
            await send(message)

        try:
            await app(scope, incoming.receive, send_with_headers)
        except Exception:
            _log.exception("failed", extra={"told": {"method": scope["method"], "path": told_path(scope)}})
            if status:
                raise  # too late for another answer: the connection is cut
            self._metrics.problems.labels("internal").inc()
            internal = Problem(500, "internal", "Something went wrong.", "The server's log tells more.")
            await problem_response(internal)(scope, receive, send_with_headers)
        finally:
            self._bodies.held -= incoming.size
            self._note(scope, status or 499, perf_counter() - start)
            request_id.reset(token)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        self._metrics.requests.labels(scope["method"] if route else "", route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        # The path without its query string: that may hold what somebody looks for.
        told = {"method": scope["method"], "path": told_path(scope), "status": status, "ms": round(1000 * seconds, 1)}
        _log.info("request", extra={"told": told})


@dataclass
class Bodies:
    """The bodies of all requests that are worked on."""

    room: int
    held: int = 0
    """Bytes."""


class Incoming:
    """A request's body on its way: `receive` of an ASGI app, with limits of time and, for JSON, of values."""

    def __init__(self, headers: Headers, receive: Receive, seconds: float, bodies: Bodies) -> None:
        """`seconds`: until the body must be whole."""
        self._receive, self._seconds, self._bodies = receive, seconds, bodies
        self.size = 0
        self._deadline = perf_counter() + seconds
        self.whole = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
        """Nothing more is to come."""
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        self._in_lines = kind in ("application/x-ndjson", "text/plain") or kind.startswith("multipart/")
        self._values = 0

    async def receive(self) -> Message:
        """The next part. Raises HTTPException: 408 where the body takes too long, 413 where it has too many values,
        429 where there is no room for it beside others."""
        if self.whole:
            return await self._receive()  # the client's end, for which a stream of events waits
        try:
            message = await asyncio.wait_for(self._receive(), max(0.001, self._deadline - perf_counter()))
        except TimeoutError:
            raise HTTPException(408, f"The body did not arrive within {self._seconds:g} seconds") from None
        self.whole = not message.get("more_body", False)
        body = message.get("body", b"")
        self.size += len(body)
        self._bodies.held += len(body)
        if self._bodies.held > self._bodies.room:
            raise HTTPException(429, "Too many requests with large bodies are under way", {"Retry-After": "1"})
        if not self._in_lines:
            self._values += body.count(b",")
            if self._values > _MOST_VALUES:
                raise HTTPException(413, f"The body has more than {_MOST_VALUES:,} values")
        return message


class JsonLines(logging.Formatter):
    """A log record as one JSON object a line; control characters cannot start a line of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if own := request_id.get():
            line["request_id"] = own
        line |= getattr(record, "told", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
