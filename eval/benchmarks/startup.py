"""How long a person waits for the command line: new processes on the drawn sample archive, median of five.

python -m eval.benchmarks.startup
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

_RUNS = 5


def main() -> None:
    """Draw and index the sample archive in a temporary folder, then time `--help` and a first query."""
    with TemporaryDirectory() as folder:
        images, home = Path(folder) / "images", Path(folder) / "home"
        _run("sample", str(images))
        _run("index", str(images), "--captions", str(images / "captions.jsonl"), "--home", str(home))
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        print(f"{cores} cores, load {os.getloadavg()[0]:.1f}; seconds, median of {_RUNS} (least – most)")
        for name, arguments in {
            "trsllava --help": ("--help",),
            'trsllava query "harbor with cranes"': ("query", "harbor with cranes", "--home", str(home)),
        }.items():
            times = sorted(_run(*arguments) for _ in range(_RUNS))
            print(f"{name}: {statistics.median(times):.2f} ({times[0]:.2f} – {times[-1]:.2f})")


def _run(*arguments: str) -> float:
    """Wall seconds of one process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "trsllava", *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
