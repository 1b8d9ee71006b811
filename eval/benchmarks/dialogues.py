"""Dialogues over a large collection: how long a round takes, what a thousand of them hold, and whether they mix.

    python -m eval.benchmarks.dialogues --home HOME --collection default

Without a language model, on one core. Each dialogue begins with one of the collection's own texts, cut short, and is
answered by a user who knows another tile's texts (`answers.texts`). A round is all that a program waits for: the
answer taken, the caption scored anew, the hits ranked, the next question chosen. All dialogues are open at once and
take turns; some of them are then held again by themselves: where one stands otherwise, the process exits with 1.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Sequence
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
    parser.add_argument("--limit", type=float, default=50.0, help="milliseconds that a round may take, at the median")
    given = parser.parse_args(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    with trsllava.open(given.home, given.collection) as archive:
        texts = [record.text.texts()[0] for record in islice(archive.ledger.scan(), given.dialogues) if record.text]
        archive.chat(_vague(texts[0]))  # loads the encoders
        before, begun = _resident(), time.perf_counter()
        archive.material("").gallery  # noqa: B018  # made by the first dialogue; now only fetched
        print(f"{archive.ledger.counts()['stored']:,} tiles; one core of {os.cpu_count()}")
        print(f"what dialogues share: {before / 2**20:.0f} MiB resident with the encoders")
        begun = time.perf_counter()
        talks = [archive.chat(_vague(texts[number % len(texts)])) for number in range(given.dialogues)]
        for talk in talks:
            _ = talk.standing
        print(f"{len(talks):,} dialogues begun in {time.perf_counter() - begun:.1f} s")
        seconds = [spent for _ in range(given.rounds) for number, talk in enumerate(talks)
                   for spent in _round(talk, texts[-number % len(texts)])]  # fmt: skip
        held = (_resident() - before) / len(talks)
        state = np.mean([len(talk.dialogue.model_dump_json()) for talk in talks])
        rounds = np.array(seconds) * 1000
        print(f"a round: median {median(rounds):.1f} ms, 95 % {np.percentile(rounds, 95):.1f} ms, "
              f"longest {rounds.max():.1f} ms, of {len(rounds):,}")  # fmt: skip
        print(f"a dialogue: {held / 1024:.0f} KiB while open, {state / 1024:.1f} KiB as JSON")
        mixed = sum(not _stands_alone(archive, talk) for talk in talks[:: max(1, len(talks) // _AGAIN)])
        print(f"dialogues that stand otherwise when held by themselves: {mixed}")
    if mixed or median(rounds) > given.limit:
        raise SystemExit(1)


def _vague(text: str) -> str:
    return " ".join(text.split()[:_WORDS])


def _round(talk: Chat, known: str) -> list[float]:
    """Answer by a text; seconds, none where nothing was asked."""
    question = talk.question
    if question is None:
        return []
    answer = TextsAnswerer([known]).answer(question)
    begun = time.perf_counter()
    talk.answer(answer)
    return [time.perf_counter() - begun]


def _stands_alone(archive: Archive, talk: Chat) -> bool:
    """True where a dialogue that is held by itself stands where it stood among others."""
    alone = archive.chat(talk.dialogue.query)
    for turn in talk.dialogue.turns:
        alone.answer(turn.answer)
    return alone.dialogue == talk.dialogue and alone.hits == talk.hits


def _resident() -> int:
    """Bytes of memory that the process holds."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS")) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
