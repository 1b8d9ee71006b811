"""Dialogues over a large collection: how long a round takes, what a thousand of them hold, and whether they mix.

    python -m eval.benchmarks.dialogues --home HOME --collection default

Without a language model, on one core. Each dialogue begins with one of the collection's own texts, cut short, and is
answered by a user who knows another tile's texts (`answers.texts`). A round is all that a program waits for: the
answer taken, the caption scored anew, the hits ranked, the next question chosen. All dialogues are open at once and
take turns; some of them are then held again by themselves: where one stands otherwise, the process exits with 1.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import trsllava
from trsllava.archive import Archive
from trsllava.chat import Chat
from trsllava.dialogue.answers.texts import TextsAnswerer

_WORDS = 4
"""Of the text that a dialogue begins with."""
_AGAIN = 20
"""Dialogues that are held once more by themselves."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.dialogues", description=__doc__)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--collection", default=None)
    parser.add_argument("--dialogues", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--limit", type=float, default=50.0, help="ms of a round, at the median")
    given = parser.parse_args(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    with trsllava.open(given.home, given.collection) as archive:
        texts = [record.text.texts()[0] for record in islice(archive.ledger.scan(), given.dialogues) if record.text]
        archive.search(texts[0], k=1)  # loads the encoders
        before, begun = _resident(), time.process_time()
        archive.chat(_vague(texts[0]))
        seconds, held = time.process_time() - begun, (_resident() - before) / 2**20
        print(f"{archive.ledger.counts()['stored']:,} tiles, one core")
        print(f"read for all dialogues in {seconds:.1f} s of the processor, {held:.0f} MiB")
        before = _resident()
        talks = [archive.chat(_vague(texts[number % len(texts)])) for number in range(given.dialogues)]
        spent = [_round(talk, texts[-number % len(texts)]) for _ in range(given.rounds)
                 for number, talk in enumerate(talks)]  # fmt: skip
        held = (_resident() - before) / len(talks)
        state = np.mean([len(talk.dialogue.model_dump_json()) for talk in talks])
        processor, clock = np.array([seconds for seconds in spent if seconds is not None]).T * 1000
        for name, rounds in (("processor", processor), ("clock", clock)):
            print(f"a round by the {name}: median {median(rounds):.1f} ms, 95 % {np.percentile(rounds, 95):.1f} ms, "
                  f"longest {rounds.max():.1f} ms, of {len(rounds):,}")  # fmt: skip
        print(f"{len(talks):,} dialogues open at once: {held / 1024:.0f} KiB each, {state / 1024:.1f} KiB as JSON")
        again = talks[:: max(1, len(talks) // _AGAIN)]
        mixed = sum(not _stands_alone(archive, talk) for talk in again)
        print(f"of {len(again)} held again by themselves, {mixed} stand otherwise")
    if mixed or median(processor) > given.limit:
        raise SystemExit(1)


def _vague(text: str) -> str:
    return " ".join(text.split()[:_WORDS])


def _round(talk: Chat, known: str) -> tuple[float, float] | None:
    """Answer by a text; seconds of the processor and of the clock, None where nothing was asked."""
    question = talk.question
    if question is None:
        return None
    answer = TextsAnswerer([known]).answer(question)
    processor, clock = time.process_time(), time.perf_counter()
    talk.answer(answer)
    return time.process_time() - processor, time.perf_counter() - clock


def _stands_alone(archive: Archive, talk: Chat) -> bool:
    """True where a dialogue that is held by itself stands where it stood among others."""
    alone = archive.chat(talk.dialogue.query)
    for turn in talk.dialogue.turns:
        alone.answer(turn.answer)
    return alone.dialogue == talk.dialogue and alone.hits == talk.hits


def _resident() -> int:
    """Bytes of memory that the process holds; what was freed is given back first."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS")) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
