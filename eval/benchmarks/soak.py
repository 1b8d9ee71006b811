"""Does captioning lose an image, whatever the wire, the server, the disk and the machine do?

    python -m eval.benchmarks.soak                         2,000 images, the server away for 60 s; some ten minutes

Runs `trsllava index` against the tests' stand-in for a vision-language model, which plays every fault at once. On the
way the indexer is killed, its disk is full, and the server is killed and stays away for a minute; the same command
goes on each time. Every stage is looked at: an answer that the ledger held must stay as it was and never be asked for
again. Prints what happened; exits with 1 where an image is lost, held twice or without a reason.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import trsllava
from eval.benchmarks.captioning import draw
from tests.standin.process import StandIn
from trsllava.captioners.picture import data_url, picture_of
from trsllava.captioners.pixels import pixel_rule
from trsllava.captioners.protocol import CaptionJob
from trsllava.records import TileRecord

_FAULTS = {
    "429": {"retry_after": "0.5"},
    "503": {"retry_after": "0.5"},
    "500": {},
    "reset": {},
    "hang": {},
    "cut_reply": {},
    "half_json": {},
    "truncated": {},
    "blank": {},
    "prose": {},
    "wrong_schema": {},
    "too_few": {},
    "too_many": {},
    "repeated": {},
    "empty_text": {},
    "control": {},
}
_SHARE = 0.03
"""Of the requests, for each fault: about two in five meet one."""
_SLOTS, _SERVICE_SECONDS, _TIMEOUT_SECONDS = 32, 0.2, 5
_SMALL_FILE = 4096
_POLL_SECONDS = 0.2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, disturb, run, look, print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.benchmarks.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--away", type=float, default=60.0, help="seconds that the server stays away")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        soak = _Soak(Path(name), given.images, given.away)
        try:
            soak.run()
        finally:
            soak.standin.stop()


class _Soak:
    """A folder of images, a home, and a server that errs."""

    def __init__(self, folder: Path, images: int, away: float) -> None:
        self._images, self._home, self._count, self._away = folder / "images", folder / "home", images, away
        draw(self._images, images, 64)
        options = ("--service-time", str(_SERVICE_SECONDS), "--slots", str(_SLOTS))
        self.standin = StandIn(folder / "standin.jsonl", *options)
        self._set_faults()
        self._kept: dict[str, TileRecord] = {}

    def run(self) -> None:
        """All disturbances, one after the other, then to the end."""
        self._stage("indexer killed", 1, lambda run: run.kill())
        self._stage("disk full", 2, _fill_disk)
        self._stage("indexer killed", 3, lambda run: run.kill())
        self._stage(f"server killed, away for {self._away:g} s", 4, self._restart_server)
        self._stage("nothing more to do", 7, lambda run: None)
        self._judge()

    def _stage(self, what: str, sixths: int, disturb: Callable[[subprocess.Popen[str]], None]) -> None:
        """One run of `index`, disturbed once so many sixths of the images are settled."""
        asked = len(self.standin.asked())
        begun = time.perf_counter()
        run = self._start()
        while run.poll() is None:
            if self._progress() * 6 >= self._count * sixths:
                disturb(run)
                break
            time.sleep(_POLL_SECONDS)
        said, complaint = run.communicate()
        after = self._settled()
        _demand(self._kept.items() <= after.items(), "an answer that was kept has changed or is lost")
        again = {request["image"] for request in self.standin.asked()[asked:]} & self._pictures(self._kept.values())
        _demand(not again, f"{len(again)} images were asked about again though an answer was kept")
        print(
            f"{what}: exit code {run.returncode} after {time.perf_counter() - begun:.0f} s, "
            f"{len(after) - len(self._kept)} more images settled, none of {len(self._kept)} asked about again",
            flush=True,
        )
        for line in complaint.splitlines():
            if line.startswith("Error"):
                print(f"  {line}", flush=True)
        if said.strip():
            self._compare(said, len(after) - len(self._kept))
        self._kept = after

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "trsllava", "index", str(self._images), "--home", str(self._home)]
        served = ["--captioner", "vllm", "--base-url", self.standin.url]
        environment = {**os.environ, "TRSLLAVA_TIMEOUT": str(_TIMEOUT_SECONDS)}
        return subprocess.Popen(
            command + served, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )

    def _restart_server(self, run: subprocess.Popen[str]) -> None:
        self.standin.stop()
        deadline = time.monotonic() + self._away
        while run.poll() is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        _demand(run.poll() is None, "the run did not wait for the server")
        self.standin.start()
        self._set_faults()

    def _set_faults(self) -> None:
        for kind, conditions in _FAULTS.items():
            self.standin.fail(kind, times=-1, share=_SHARE, **conditions)

    def _progress(self) -> int:
        with trsllava.open(self._home) as archive:
            counts = archive.ledger.counts() if archive.exists() else {"pending": 0}
        return sum(counts.values()) - counts["pending"]

    def _settled(self) -> dict[str, TileRecord]:
        """Tiles with an answer or a reason, without what changes when an answer is stored."""
        with trsllava.open(self._home) as archive:
            if not archive.exists():
                return {}
            records = [record for record in archive.ledger.scan() if record.state != "pending"]
        return {
            str(record.tile.id): record.model_copy(
                update={"state": "captioned" if record.text is not None else "quarantined"}
            )
            for record in records
        }

    def _pictures(self, records: Iterable[TileRecord]) -> set[str]:
        """The hashes under which the stand-in logs these tiles' pictures."""
        render = partial(data_url, rule=pixel_rule("standin", 1024))
        urls = (picture_of(CaptionJob(record.tile, record.paths), render).content or "" for record in records)
        return {hashlib.sha256(url.encode()).hexdigest() for url in urls}

    def _compare(self, said: str, settled: int) -> None:
        """The run's own report against what the ledger gained."""
        print("  " + "\n  ".join(said.strip().splitlines()), flush=True)
        found = re.search(r"(\d+) tiles captioned, \d+ stored, (\d+) quarantined", said)
        _demand(found is not None, "the run printed no counts")
        assert found is not None
        _demand(int(found[1]) + int(found[2]) == settled, "the report's counts do not add up")

    def _judge(self) -> None:
        """Every image once, stored or quarantined with a reason."""
        with trsllava.open(self._home) as archive:
            records = list(archive.ledger.scan())
            points = archive.store.count()
        paths = Counter(path for record in records for path in record.paths)
        states = Counter(record.state for record in records)
        _demand(len(paths) == self._count and set(paths.values()) == {1}, "an image is missing, or held twice")
        _demand(states["stored"] + states["quarantined"] == len(records), f"not all are settled: {dict(states)}")
        _demand(points == states["stored"], f"{points} points in the store for {states['stored']} tiles")
        unexplained = [record for record in records if record.state == "quarantined" and not record.error]
        _demand(not unexplained, f"{len(unexplained)} quarantined tiles lack a reason")
        faults = Counter(request["fault"] for request in self.standin.asked())
        print(f"{self._count} images: {dict(states)}; {points} points in the store")
        print(f"{faults.total()} requests, {faults[None]} without a fault; {faults}")


def _fill_disk(run: subprocess.Popen[str]) -> None:
    """No file of this process can grow any more: what a full disk looks like from within."""
    resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (_SMALL_FILE, _SMALL_FILE))


def _demand(condition: bool, complaint: str) -> None:
    if not condition:
        raise SystemExit(complaint)


if __name__ == "__main__":
    main()
