"""A chat server that plays a script: what it answers to each request is written down, and so is what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG, RESET = "(hang)", "(reset)"
Reply = str | int | dict[str, Any]
"""The content of an answer (a mapping: as JSON), an HTTP status, `HANG` (no answer until the client gives up) or
`RESET` (the connection is closed without an answer)."""


@dataclass
class Script:
    """The replies, in order; the last one is played again and again."""

    replies: list[Reply]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    """The bodies of the chat requests so far."""

    def next(self, body: dict[str, Any]) -> Reply:
        """Write a request down, and say what it gets."""
        self.requests.append(body)
        return self.replies[min(len(self.requests), len(self.replies)) - 1]

    def system(self) -> list[str]:
        """The system message of each request."""
        return [body["messages"][0]["content"] for body in self.requests]

    def user(self) -> list[str]:
        """The text of each request's user message."""
        parts = [body["messages"][-1]["content"] for body in self.requests]
        return ["".join(part["text"] for part in content if part["type"] == "text") for content in parts]


@contextmanager
def scripted(*replies: Reply) -> Iterator[Script]:
    """Serve a script until the block ends."""
    script = Script(list(replies))

    class Connection(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, {"object": "list", "data": [{"id": "scripted"}]})

        def do_POST(self) -> None:
            reply = script.next(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if reply == HANG:
                self.connection.recv(1)  # returns when the client gives up
            elif isinstance(reply, int):
                self._send(reply, {"error": {"message": f"scripted {reply}"}})
            elif reply != RESET:
                content = reply if isinstance(reply, str) else json.dumps(reply)
                choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
                usage = {"prompt_tokens": 100, "completion_tokens": 10}
                self._send(200, {"choices": [choice], "usage": usage})

        def _send(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Connection) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        script.url = f"http://127.0.0.1:{server.server_port}/v1"
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()


def closed_address() -> str:
    """The address of a server that is gone."""
    with scripted(200) as script:
        return script.url
