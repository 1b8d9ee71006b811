"""The HTTP server: uvicorn, with patience limits for clients that are slow on purpose."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import h11
import uvicorn
from threadpoolctl import threadpool_limits
from uvicorn.protocols.http.h11_impl import H11Protocol

from trsllava.errors import InputError, Parameter
from trsllava.service.app import create_app
from trsllava.service.middleware import SECURITY_HEADERS, JsonLines
from trsllava.service.problems import Problem, problem_response
from trsllava.service.settings import ServiceSettings
from trsllava.service.state import Service

_HEADER_SECONDS = 10.0
"""How long a client may take to send a request's head."""
_HEADER_BYTES = 64 << 10


class PatientProtocol(H11Protocol):
    """HTTP/1.1 by h11, which is strict about what smuggled requests are made of. A connection that has not sent the
    head of a request in time is closed."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request have come."""
        super().data_received(data)
        if self._deadline is not None:
            if self._in_request():
                self._deadline.cancel()
                self._deadline = None
        elif not self._in_request():
            self._await_head()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's words
        """Tell a client that what it sent is no HTTP, as a problem document, and close the connection."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):  # else an answer is under way, and is cut
            status = getattr(
                sys.exception(), "error_status_hint", 400
            )  # uvicorn calls this where h11's error is caught
            answer = problem_response(Problem(status, "malformed", "This is no well-formed HTTP/1.1 request."))
            answer.headers.update({**SECURITY_HEADERS, "Connection": "close"})
            for event in (
                h11.Response(
                    status_code=status, headers=answer.raw_headers, reason=HTTPStatus(status).phrase.encode()
                ),
                h11.Data(data=bytes(answer.body)),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(_HEADER_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._deadline = None
        if not self._in_request():
            self.transport.close()

    def _in_request(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete


class Server(uvicorn.Server):
    """Lets streams end when it is to end."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and get ready for the first search meanwhile."""
        await super().startup(sockets)
        self._warming = asyncio.create_task(self._get_warm())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: what runs is answered, streams are cut."""
        self._service.closing = True
        await super().shutdown(sockets)

    async def _get_warm(self) -> None:
        with suppress(Problem):  # too slow or too busy: the first search does what was not done
            await self._service.admission.run(self._service.archives.warm)
        # What was loaded stays: looking through it at each collection takes a tenth of a second.
        gc.collect()
        gc.freeze()


def serve(settings: ServiceSettings) -> None:
    """Serve until interrupted; what runs then is brought to its end. Raises InputError where it cannot listen, or a
    root is no folder."""
    for root in settings.roots:
        if not root.is_dir():
            raise InputError(Parameter("root"), f" {root} is no folder.")
    listening = listen(settings.host, settings.port)
    with listening:
        logs = logging.StreamHandler(sys.stderr)
        logs.setFormatter(JsonLines())
        logging.getLogger().handlers = [logs]
        logging.getLogger("trsllava.service").setLevel(logging.INFO)
        host, port = listening.getsockname()[:2]
        print(f"Serving http://{f'[{host}]' if ':' in host else host}:{port}", file=sys.stderr, flush=True)
        app = create_app(settings)
        with threadpool_limits(1, user_api="blas"):  # requests share the cores among themselves already
            Server(configured(app, settings), app.state.service).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0: any that is free. Raises InputError."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.create_server(address[:2], family=family, backlog=2048)
        # asyncio sets this for connections of its own sockets alone; without it each answer waits 40 ms for an ACK.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except (OSError, UnicodeError) as error:
        raise InputError(
            f"{host}:{port} cannot be listened on: it is taken, or no address of this machine. Choose others with ",
            Parameter("host"),
            " and ",
            Parameter("port"),
            ".",
        ) from error


def configured(app: Any, settings: ServiceSettings) -> uvicorn.Config:
    """How uvicorn runs the app."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=PatientProtocol,
        ws="none",
        log_config=None,
        access_log=False,  # it would hold query strings
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=_HEADER_BYTES,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=int(settings.request_seconds) + 1,
    )
