"""A stand-in for a vLLM server: the same wire, invented captions, faults on request. Standard library only.

usage: python tests/standin/server.py [--port 0] [--log FILE] [--service-time SECONDS] [--slots N] [--model NAME]
           [--no-system-role]

It prints its port, then serves `/v1/chat/completions`, `/v1/models` and `/health` until it is ended. The moment a chat
request has been read, one JSON line goes to the log: its number, the picture's hash, what is asked, the fault played,
how many others are in progress.
`POST /faults` takes a list of faults as `Fault` describes them; each is played on the next requests that it fits.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from captions import answer

PROMPT_TOKENS, CACHED_TOKENS = 1500, 500


@dataclass
class Fault:
    """A misbehaviour. `kind`: an HTTP status (`503`), `inside 503` (an error of that code in a reply of status 200),
    `quota` (429, and the account is empty), `reset`, `hang`, `exit` (the server dies), or what becomes of a good
    answer: `cut_reply` (the connection closes in the middle of it), `half_json` (half of it, as if it were all),
    `truncated`, `blank` (white space until the token limit), `prose`, `wrong_schema`, `too_few`, `repeated`,
    `empty_text`, `control` (raw control characters; the answer stays usable), `too_many`, `boilerplate`, `percent`
    (all three can be mended), `compass`, `loop`, `refusal`, `german`, `opposite` (a contradiction)."""

    kind: str
    times: int = 1
    """-1: for ever."""
    image: str | None = None
    """Only on the picture with this hash."""
    after: int = 0
    """Only from this many chat requests on."""
    retry_after: str | None = None
    share: float = 1.0
    """Only on this share of the requests that it fits, drawn at random, the same ones in every run."""


class StandInServer(ThreadingHTTPServer):
    """Shared state of all connections."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self,
        port: int,
        log: Path | None,
        service_time: float,
        slots: int,
        model: str,
        system_role: bool = True,
        refuses: list[str] | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", port), Connection)
        self.log = log
        self.service_time = service_time
        self.slots = threading.Semaphore(slots)
        self.model = model
        self.system_role = system_role
        self.refuses = refuses or []
        self.faults: list[Fault] = []
        self.lock = threading.Lock()
        self.rng = random.Random(0)
        self.asked = 0
        self.in_progress = 0

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone away is nothing to report."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def receive(self, body: dict[str, Any], image: str) -> Fault | None:
        """Count and log one chat request; say which fault to play on it."""
        with self.lock:
            fault = next((fault for fault in self.faults if self._fits(fault, image)), None)
            if fault is not None:
                fault.times -= 1
            line = {
                "number": self.asked,
                "image": image,
                "temperature": body.get("temperature"),
                "seed": body.get("seed"),
                "max_tokens": body.get("max_tokens") or body.get("max_completion_tokens"),
                "system": body["messages"][0]["content"],
                "user": [part["text"] for part in body["messages"][-1]["content"] if part["type"] == "text"],
                "fault": fault and fault.kind,
                "in_progress": self.in_progress,
            }
            self.asked += 1
            self.in_progress += 1
            if self.log is not None:
                with self.log.open("a") as file:
                    file.write(json.dumps(line) + "\n")
        return fault

    def finish(self) -> None:
        """One chat request less in progress."""
        with self.lock:
            self.in_progress -= 1

    def _fits(self, fault: Fault, image: str) -> bool:
        fits = fault.times != 0 and fault.image in (None, image) and self.asked >= fault.after
        return fits and (fault.share >= 1 or self.rng.random() < fault.share)


class Connection(BaseHTTPRequestHandler):
    """One client connection, kept alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: StandInServer

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self._send(200, {"object": "list", "data": [_model(self.server.model)]})
        elif self.path == "/health":
            self._send(200, {})
        else:
            self._send(404, _error("no such page"))

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        data = self.rfile.read(length)
        if len(data) < length:
            raise ConnectionResetError("the client went away in the middle of its request")
        body = json.loads(data)
        if self.path == "/faults":
            with self.server.lock:
                self.server.faults += [Fault(**fault) for fault in body]
            self._send(200, {})
        elif self.path != "/v1/chat/completions":
            self._send(404, _error("no such page"))
        elif body["model"] != self.server.model:
            self._send(404, _error(f"The model `{body['model']}` does not exist."))
        else:
            self._chat(body)

    def _chat(self, body: dict[str, Any]) -> None:
        try:
            image = _image_hash(body)
            variants = _variants(body)
        except (KeyError, IndexError, TypeError) as error:
            self._send(400, _error(f"not an RSRT question: {error!r}"))
            return
        if refused := next((name for name in self.server.refuses if _holds(body, name)), None):
            self._send(400, _error(f"{refused} is not supported by this server"))
            return
        if body["messages"][0]["role"] == "system" and not self.server.system_role:
            self._send(400, _error("System role not supported"))
            return
        fault = self.server.receive(body, image)
        kind = fault.kind if fault else ""
        try:
            with self.server.slots:
                time.sleep(self.server.service_time)
                if kind == "hang":
                    self.connection.recv(1)  # returns when the client gives up
        finally:
            self.server.finish()
        # Asked for a single variant, the stand-in words it anew for every seed.
        digest = image if variants > 1 else f"{image}-{body.get('seed')}"
        self._reply(fault, kind, answer(digest, variants))

    def _reply(self, fault: Fault | None, kind: str, good: dict[str, Any]) -> None:
        if kind == "hang":
            self.close_connection = True
        elif kind == "exit":
            os._exit(1)
        elif kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        elif kind == "quota":
            self._send(429, {"error": {"message": "You exceeded your current quota.", "code": "insufficient_quota"}})
        elif kind.startswith("inside "):
            self._send(200, {"error": {"code": int(kind.removeprefix("inside ")), "message": f"fault {kind}"}})
        elif fault is not None and kind.isdigit():
            waits = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
            self._send(int(kind), _error(f"fault {kind}"), waits)
        else:
            text, finish = _content(kind, good)
            self._send(200, _completion(self.server.model, text, finish), kind=kind)

    def _send(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None, kind: str = "") -> None:
        data = json.dumps(body).encode()
        if kind == "half_json":
            data = data[: len(data) // 2]
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if kind == "cut_reply" else data)
        self.close_connection = self.close_connection or kind == "cut_reply"

    def log_message(self, *_: Any) -> None:
        pass


def _content(kind: str, good: dict[str, Any]) -> tuple[str, str]:
    """The text of an answer and why it ended."""
    text = json.dumps(good)
    variants = good["variants"]
    match kind:
        case "truncated":
            return text[: len(text) // 2], "length"
        case "blank":
            return text[:40] + "\n" * 1000, "length"
        case "prose":
            return "Sorry, I cannot see any picture.", "stop"
        case "wrong_schema":
            return json.dumps({"captions": ["a harbor"]}), "stop"
        case "too_few":
            return json.dumps({**good, "variants": variants[:-1]}), "stop"
        case "repeated":
            return json.dumps({**good, "variants": [*variants[:-1], variants[0]]}), "stop"
        case "empty_text":
            return json.dumps({**good, "variants": [*variants[:-1], {**variants[0], "caption": " "}]}), "stop"
        case "control":
            return text.replace(" can be seen ", " can\tbe\x07\nseen "), "stop"
        case "too_many":
            return json.dumps({**good, "variants": [*variants, variants[0]]}), "stop"
        case kind if kind in PHRASES:
            return json.dumps({**good, "variants": [_phrased(kind, variant) for variant in variants]}), "stop"
        case "opposite":
            sides = [f"A lighthouse stands on the {'left' if number else 'right'}." for number in range(len(variants))]
            return json.dumps(
                {
                    **good,
                    "variants": [
                        {**variant, "caption": f"{side} {variant['caption']}"}
                        for side, variant in zip(sides, variants, strict=True)
                    ],
                }
            ), "stop"
        case _:
            return text, "stop"


PHRASES = {
    "boilerplate": "This is an aerial image of open ground. ",
    "percent": "About 40% of it is water. ",
    "compass": "A road leads to the north. ",
    "loop": "A road and a road and a road and a road and a road and a road. ",
    "refusal": "I'm sorry, I cannot see more. ",
    "german": "Das Bild zeigt eine Landschaft mit Straßen, Feldern und einigen Häusern am Rand des Waldes. " * 2,
}
"""What some faults put before every paragraph."""


def _phrased(kind: str, variant: dict[str, Any]) -> dict[str, Any]:
    if kind == "german":
        return {"one_sentence": PHRASES[kind], "feature": ["die Straße"], "caption": PHRASES[kind]}
    return {**variant, "caption": PHRASES[kind] + variant["caption"]}


def _image_hash(body: dict[str, Any]) -> str:
    """sha256 of the data URL of the question's only picture."""
    parts = [
        part for message in body["messages"] if isinstance(message["content"], list) for part in message["content"]
    ]
    (url,) = (part["image_url"]["url"] for part in parts if part["type"] == "image_url")
    return hashlib.sha256(url.encode()).hexdigest()


def _variants(body: dict[str, Any]) -> int:
    """How many variants are asked for: by the schema, else five."""
    schema = body.get("response_format", {}).get("json_schema", {}).get("schema", {})
    return int(schema["properties"]["variants"]["minItems"]) if schema else 5


def _holds(body: dict[str, Any], name: str) -> bool:
    if name in ("json_schema", "json_object"):
        return str(body.get("response_format", {}).get("type", "")) == name
    return f'"{name}":' in json.dumps(body)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "standin"}


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "StandInError", "code": None}}


def _completion(model: str, text: str, finish: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-standin",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": PROMPT_TOKENS,
            "completion_tokens": len(text) // 4,
            "total_tokens": PROMPT_TOKENS + len(text) // 4,
            "prompt_tokens_details": {"cached_tokens": CACHED_TOKENS},
        },
    }


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--service-time", type=float, default=0.0)
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--model", default="standin")
    parser.add_argument("--no-system-role", dest="system_role", action="store_false", help="as some chat templates")
    parser.add_argument("--refuse", dest="refuses", action="append", help="a parameter that gets HTTP 400")
    options = parser.parse_args()
    server = StandInServer(**vars(options))
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
