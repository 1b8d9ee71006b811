"""Does a collection survive `kill -9` of `trsllava reindex`, whenever it comes?

    python -m eval.benchmarks.reindex_kills --tiles 2000
    python -m eval.benchmarks.reindex_kills --tiles 2000 --store server

Makes a collection of captioned tiles and reindexes it back and forth between two encoders. Each time the process group
is killed (SIGKILL) at a random moment between its start and its end, one moment in each of as many equal parts, in
random order. After each kill the same queries are asked: all must have the old answers or, where the store had been
swapped, all the new ones. Then the same command is run to its end: the answers must be new, and nothing of the killed
run may be left. Prints a line a kill; exit code 1 where one of this does not hold.

Killed is the real command, with `--store server` against the server of TRSLLAVA_TEST_QDRANT_URL. Where that is not
set, a process is killed that does the same with the server's store over Qdrant's local mode, which keeps on the disk
what it has acknowledged, as a server does.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trsllava
from eval.benchmarks.reindexing import Answer, answers, make, parser_for
from trsllava.encoders.text import CALIBRATED
from trsllava.encoders.weights import DEFAULT_MODEL

_ENCODERS = (DEFAULT_MODEL, DEFAULT_MODEL + CALIBRATED)
_IDLE = "no build begun"
_LOCAL = "import sys; from eval.benchmarks.reindex_kills import Place; Place(*sys.argv[1:3]).reindex(sys.argv[3])"


@dataclass(frozen=True)
class Place:
    """The collection under test: the home folder, and what kind of store holds its vectors."""

    home: str
    store: str

    @property
    def url(self) -> str | None:
        """The Qdrant server; None for the embedded store and for Qdrant's local mode."""
        return os.environ.get("TRSLLAVA_TEST_QDRANT_URL") or None if self.store == "server" else None

    @contextmanager
    def opened(self, image_encoder: str | None = None) -> Iterator[trsllava.Archive]:
        """The collection, open."""
        with trsllava.open(Path(self.home), image_encoder=image_encoder, qdrant_url=self.url) as archive:
            if self._is_local():
                from qdrant_client import QdrantClient

                from trsllava.store.server import ServerStore

                warnings.filterwarnings("ignore", message="Payload indexes have no effect|Local mode performs exact")
                client = QdrantClient(path=str(Path(self.home) / "qdrant"))
                archive.store = ServerStore("local mode", "tiles", client=client)
            yield archive

    def command(self, encoder: str) -> list[str]:
        """What reindexes the collection."""
        if self._is_local():
            return [sys.executable, "-c", _LOCAL, self.home, self.store, encoder]
        server = ["--qdrant-url", self.url] if self.url else []
        return [sys.executable, "-m", "trsllava", "reindex", "--encoder", encoder, "--home", self.home, *server]

    def reindex(self, encoder: str) -> None:
        """What `trsllava reindex` does, over Qdrant's local mode."""
        with self.opened() as archive:
            archive.reindex(encoder)

    def vectors(self) -> list[str]:
        """The folders that hold vectors; a server's are not seen."""
        patterns = ("collections/*/store/generation-*", "collections/*/store/beside-*", "qdrant/collection/*")
        return sorted(path.name for pattern in patterns for path in Path(self.home).glob(pattern))

    def _is_local(self) -> bool:
        return self.store == "server" and self.url is None


@dataclass(frozen=True)
class Side:
    """One of the two encoders, and what is answered once the collection has it."""

    encoder: str
    answers: dict[str, Answer]


def main(arguments: Sequence[str] | None = None) -> None:
    """Make, kill, ask, judge, print."""
    parser = parser_for("reindex_kills", __doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--store", choices=("embedded", "server"), default="embedded")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--between", type=float, nargs=2, default=(0.0, 1.0), metavar=("FROM", "TO"),
        help="shares of a run's time, as in 0.9 1 to hit the swap more often",
    )  # fmt: skip
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        place = Place(str(Path(folder) / "home"), given.store)
        with place.opened(image_encoder="none") as archive:
            make(Path(folder) / "images", archive, given.tiles)
        try:
            wrong = _kill_all(place, _moments(given.kills, given.between, given.seed))
        finally:
            if place.url:
                with place.opened() as archive:
                    archive.delete()
    print(f"{given.kills} kills, {wrong} of them with a wrong answer or an end that was none.")
    sys.exit(wrong > 0)


def _moments(kills: int, between: Sequence[float], seed: int) -> list[float]:
    """Shares of a run's time, one in each of as many equal parts, in random order."""
    start, end = between
    rng = random.Random(seed)
    shares = [start + (end - start) * (part + rng.random()) / kills for part in range(kills)]
    rng.shuffle(shares)
    return shares


def _kill_all(place: Place, moments: Sequence[float]) -> int:
    """Kill a run at each moment; returns how many kills did harm."""
    (there, _), (here, seconds) = (_undisturbed(place, encoder) for encoder in reversed(_ENCODERS))
    assert all(here.answers[text] != there.answers[text] for text in here.answers), "old and new cannot be told apart"
    print(f"{place.store} store; reindexed in {seconds:.1f} s undisturbed", flush=True)
    wrong = 0
    for number, share in enumerate(moments, 1):
        # A moment is a share of what the last whole run took, for a busy machine is not equally fast all the time.
        while (quicker := _killed(place, there, share * seconds)) is not None:
            here, there, seconds = there, here, quicker
        found, state = _asked(place)
        line = (
            f"kill {number} at {share * seconds:.1f} of {seconds:.1f} s, {state}: {_kind(found, here, there)} answers"
        )
        begun = time.perf_counter()
        ended = subprocess.run(place.command(there.encoder), stdout=subprocess.DEVNULL, check=False)
        seconds = time.perf_counter() - begun
        after, end_state = _asked(place)
        line += f"; run again: exit code {ended.returncode} after {seconds:.1f} s, {_kind(after, here, there)} answers"
        whole = _kind(found, here, there) in ("old", "new")
        mended = ended.returncode == 0 and _kind(after, here, there) == "new"
        clean = end_state == _IDLE and len(place.vectors()) <= 1
        wrong += not (whole and mended and clean)
        print(line + ("" if clean else f"; LEFT: {', '.join(place.vectors())}"), flush=True)
        here, there = there, here
    return wrong


def _undisturbed(place: Place, encoder: str) -> tuple[Side, float]:
    """The side that a whole run makes, and its seconds."""
    begun = time.perf_counter()
    subprocess.run(place.command(encoder), stdout=subprocess.DEVNULL, check=True)
    seconds = time.perf_counter() - begun
    return Side(encoder, _asked(place)[0]), seconds


def _killed(place: Place, there: Side, after_seconds: float) -> float | None:
    """Start a run and kill it; how long it took where it had ended by itself before."""
    begun = time.perf_counter()
    run = subprocess.Popen(place.command(there.encoder), stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        run.wait(after_seconds)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        return None
    assert run.returncode == 0, "the run failed"
    return time.perf_counter() - begun


def _asked(place: Place) -> tuple[dict[str, Answer], str]:
    """What every query finds, and how far a rebuild has come."""
    with place.opened() as archive:
        begun, build = archive.ledger.begun_build(), archive.store.build()
        state = _IDLE if begun is None else "swapped" if begun.name == build else "filling"
        return answers(archive), state


def _kind(found: dict[str, Answer], here: Side, there: Side) -> str:
    return "old" if found == here.answers else "new" if found == there.answers else "mixed or other"


if __name__ == "__main__":
    main()
