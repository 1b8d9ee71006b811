"""Fixtures around the stand-in server; `tests/conftest.py` registers this module as a plugin."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

SERVER = Path(__file__).with_name("server.py")


class StandIn:
    """A running stand-in server. Its log stays when it stops, and is continued when it is started anew."""

    def __init__(self, log: Path, *options: str) -> None:
        self.log = log
        self._options = options
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        """What --base-url takes."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Start it, on the same port as before."""
        command = [sys.executable, str(SERVER), "--port", str(self.port), "--log", str(self.log), *self._options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        with self.process.stdout as printed:
            self.port = int(printed.readline())

    def stop(self) -> None:
        """Kill it; connections are reset."""
        self.process.kill()
        self.process.wait()

    def fail(self, kind: str, **fault: Any) -> None:
        """Play a fault on coming requests; see `Fault` in server.py for kinds and conditions."""
        body = json.dumps([{"kind": kind, **fault}]).encode()
        with urlopen(Request(f"http://127.0.0.1:{self.port}/faults", body, method="POST")):
            pass

    def asked(self) -> list[dict[str, Any]]:
        """Every chat request so far, in order of arrival."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


@pytest.fixture
def start_standin(tmp_path: Path) -> Iterator[Callable[..., StandIn]]:
    """Start a stand-in with options of server.py: `start_standin("--service-time", "0.1", "--slots", "4")`."""
    started: list[StandIn] = []

    def start(*options: str) -> StandIn:
        started.append(StandIn(tmp_path / f"standin-{len(started)}.jsonl", *options))
        return started[-1]

    yield start
    for standin in started:
        standin.stop()


@pytest.fixture
def standin(start_standin: Callable[..., StandIn]) -> StandIn:
    """A stand-in that answers at once."""
    return start_standin()
