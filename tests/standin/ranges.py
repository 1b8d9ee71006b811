"""A real HTTP server that hands out a folder's files in parts, and misbehaves where it is told to."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

Misbehave = Callable[["Asked", BaseHTTPRequestHandler], bool]
"""Answers a request in its own way; False: the server answers as usual."""


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    """With the query."""
    headers: dict[str, str]
    """By name in lower case."""
    number: int
    """How many times this path was asked for, this one included."""
    body: bytes = b""


@dataclass
class RangeServer:
    """Where it listens, and what it was asked."""

    folder: Path
    port: int = 0
    requests: list[Asked] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    """Bytes of bodies, by path without query."""
    misbehave: Misbehave | None = None
    content: dict[str, bytes] = field(default_factory=dict)
    """Documents that are in no file, by path."""
    files: dict[str, Path] = field(default_factory=dict)
    """Files that lie elsewhere, by path."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients are killed in tests."""


@contextmanager
def range_server(folder: Path) -> Iterator[RangeServer]:
    """Serve a folder until the block ends."""
    told = RangeServer(folder)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            with lock:
                number = sum(asked.path == self.path for asked in told.requests) + 1
                body = self.rfile.read(int(headers.get("content-length", "0")))
                asked = Asked(self.path, headers, number, body)
                told.requests.append(asked)
            try:
                if told.misbehave is None or not told.misbehave(asked, self):
                    self._answer(asked)
            except (BrokenPipeError, ConnectionResetError):  # the client has seen enough
                self.close_connection = True

        do_POST = do_GET  # noqa: N815

        def _answer(self, asked: Asked) -> None:
            path = unquote(urlsplit(asked.path).path)
            file = told.files.get(path) or told.folder / path.lstrip("/")
            content = told.content.get(path)
            if content is None and not file.is_file():
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            size = len(content) if content is not None else file.stat().st_size
            first, last = 0, size - 1
            match = re.fullmatch(r"bytes=(\d+)-(\d+)", asked.headers.get("range", ""))
            if match:
                first, last = int(match[1]), min(int(match[2]), size - 1)
            if content is not None:
                body = content[first : last + 1]
            else:
                with file.open("rb") as opened:
                    opened.seek(first)
                    body = opened.read(last + 1 - first)
            self.send_response(206 if match else 200)
            if match:
                self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            stamp = "" if content is not None else file.stat().st_mtime_ns
            self.send_header("ETag", f'"{hashlib.sha256(f"{path} {size} {stamp}".encode()).hexdigest()[:16]}"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            with lock:
                told.sent[path] += len(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = _Quiet(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
