"""Does captioning begin at once, whatever the number of files, and does a killed run go on where it was?

    python -m eval.benchmarks.streaming --files 1000000

Makes a tree of so many names, hard links to a few thousand small pictures, in a temporary folder that is deleted
afterwards, and indexes it in a process of its own, without an image encoder, and with a captioner that takes a fixed
time for an answer in place of a model. The first run is killed (SIGKILL) when a share of the files is known; the
second goes on to the end. Prints for each when the first caption was asked for, counted from the call of `index`,
models loaded, and from the start of the process; how fast files were discovered; and the process's peak memory
(resident set): until the last file was discovered, and in all, with all paths brought into the vector store. Then it
prints how many files were read twice.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

import indexer.job
import trsllava
from trsllava.captioners.protocol import CaptionAnswer, CaptionJob
from trsllava.ledger.ledger import Ledger
from trsllava.records import RichCaption, RichText

_A_FOLDER = 1_000
_LINKS = 500
"""To each picture: file systems allow some ten thousand."""
_AT_ONCE = 32
_POLL_SECONDS = 0.2


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, run, kill, run, print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmarks.streaming",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--flat", action="store_true", help="all names in one folder")
    parser.add_argument("--kill-at", type=float, default=0.5, help="share of the files that are known by then")
    parser.add_argument("--seconds", type=float, default=1.0, help=f"that the captioner takes for {_AT_ONCE} tiles")
    parser.add_argument("--images", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.images:
        _index(given.images, given.home, given.seconds)
        return
    with tempfile.TemporaryDirectory() as name:
        images, home = Path(name, "images"), Path(name, "home")
        _draw(images, given.files, flat=given.flat)
        print(f"{given.files:,} files in {'one folder' if given.flat else 'folders of 1,000'}")
        _tell("first run, killed", _run(images, home, given.seconds, int(given.files * given.kill_at)))
        known = _known(home)
        told = _run(images, home, given.seconds, None)
        _tell("second run, to the end", told)
        print(f"{known:,} files known when killed, {told['read']:,} read by the second run: "
              f"{known + told['read'] - given.files:,} read twice")  # fmt: skip


def _draw(images: Path, files: int, *, flat: bool) -> None:
    pictures = images.with_name("pictures")
    pictures.mkdir()
    rng = np.random.default_rng(0)
    for number in range(files):
        folder = images if flat else images / f"{number // _A_FOLDER:05}"
        if number % _A_FOLDER == 0:
            folder.mkdir(parents=True, exist_ok=True)
        picture = pictures / f"{number % max(1, files // _LINKS)}.png"
        if not picture.exists():
            Image.fromarray(rng.integers(0, 255, (16, 16, 3), np.uint8)).save(picture)
        os.link(picture, folder / f"{number:07}.png")


def _run(images: Path, home: Path, seconds: float, kill_at: int | None) -> dict[str, float]:
    """What a run told last, killed when so many files are known (None: run to its end)."""
    command = [sys.executable, "-m", "eval.benchmarks.streaming", "--seconds", str(seconds)]
    run = subprocess.Popen([*command, "--images", str(images), "--home", str(home)], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    told: dict[str, float] = {}
    for line in run.stdout:
        told = json.loads(line)
        if kill_at is not None and told["seen"] >= kill_at:
            run.send_signal(signal.SIGKILL)
            break
    run.wait()
    if kill_at is None and run.returncode != 0:
        raise SystemExit(f"the run ended with {run.returncode}")
    return told


def _known(home: Path) -> int:
    ledger = Ledger(next(home.rglob("ledger.sqlite")))
    try:
        return ledger.count_readable("/")
    finally:
        ledger.close()


def _tell(title: str, told: dict[str, float]) -> None:
    rate = told["seen"] / told["seen_after"]
    print(
        f"{title}: first caption asked for after {told['first']:.2f} s ({told['first_of_process']:.2f} s from the "
        f"start of the process); {told['seen']:,.0f} files in {told['seen_after']:.0f} s, {rate:,.0f}/s; "
        f"peak memory {told['peak_by_then'] / 1e6:.0f} MB until then, {told['peak'] / 1e6:.0f} MB in all"
    )


def _index(images: Path, home: Path, seconds: float) -> None:
    """The run itself, which tells now and then how far it is, and at its end."""
    process = time.time() - time.monotonic() + _process_start()
    clerk = _Clerk(seconds)
    start = 0.0
    told_at = 0.0
    seen = (0, 0.0, 0)

    def tell(read: int) -> None:
        first = clerk.first - start
        of_process = clerk.first_at - process
        line = {"first": first, "first_of_process": of_process, "seen": seen[0], "seen_after": seen[1]}
        print(json.dumps(line | {"peak_by_then": seen[2], "read": read, "peak": _peak()}), flush=True)

    def progress(stage: str, done: int, _: int) -> None:
        nonlocal seen, told_at
        if stage == "discover":
            seen = (done, time.perf_counter() - start, _peak())
        if clerk.first and time.perf_counter() - told_at > _POLL_SECONDS:
            told_at = time.perf_counter()
            tell(0)

    with trsllava.open(home, image_encoder="none") as archive:
        _ = indexer.job, archive.encoder  # loaded in the same time for one file
        start = time.perf_counter()
        report = archive.index(images, captioner=clerk, progress=progress)
    tell(len(report.files.new) + len(report.files.changed))


def _peak() -> int:
    """Bytes, of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _process_start() -> float:
    """When this process began, on the clock that `time.monotonic` reads. Linux only."""
    ticks = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    return int(ticks) / os.sysconf("SC_CLK_TCK")


class _Clerk:
    """A captioner that takes its time, and says the same of every picture."""

    name, prompt = "clerk", ""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.first = self.first_at = 0.0

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        drawn = iter(jobs)
        if (job := next(drawn, None)) is None:
            return
        self.first, self.first_at = time.perf_counter(), time.time()
        batch = [job]
        while batch:
            batch += islice(drawn, _AT_ONCE - len(batch))
            time.sleep(self._seconds)
            for one in batch:
                text = RichText(variants=(RichCaption(caption=f"the picture {one.tile.sha256[:8]}"),))
                yield CaptionAnswer(str(one.tile.id), text)
            batch = list(islice(drawn, 1))


if __name__ == "__main__":
    main()
