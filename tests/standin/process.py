"""The stand-in server as a process: for tests, and for benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

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
        """Every chat request so far, in order of arrival; not the one whose line is being written."""
        whole, _, _ = self.log.read_text().rpartition("\n") if self.log.exists() else ("", "", "")
        return [json.loads(line) for line in whole.splitlines()]
