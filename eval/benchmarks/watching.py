"""Run `trsllava index` as a process of its own, and watch its time and memory. Linux only."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Watched:
    """What a run took."""

    seconds: float
    peak: int
    """Bytes of it and its workers together, what processes share counted once."""
    said: str
    """What it printed."""


def watch_index(arguments: Sequence[str], home: Path, environment: Mapping[str, str] | None = None) -> Watched:
    """Run `trsllava index` with these arguments and a home folder. Exits where the run fails."""
    command = [sys.executable, "-m", "trsllava", "index", *arguments, "--home", str(home)]
    start, peak = time.perf_counter(), 0
    printed = home.with_name("printed.txt")
    with printed.open("w") as file:
        run = subprocess.Popen(command, stdout=file, env=environment)
        while run.poll() is None:
            peak = max(peak, _memory(run.pid))
            time.sleep(_POLL_SECONDS)
    said = printed.read_text()
    if run.returncode != 0:
        raise SystemExit(f"trsllava index ended with {run.returncode}: {json.dumps(said)}")
    return Watched(time.perf_counter() - start, peak, said)


def _memory(pid: int) -> int:
    """Bytes that a process and its children occupy now (proportional set size)."""
    import psutil

    total = 0
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().pss
    return total
