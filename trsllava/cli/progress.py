"""Progress on standard error: bars in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from indexer.progress import Progress

_TITLES = {
    "sample": "Choosing places",
    "cut": "Cutting pictures",
    "discover": "Looking at files",
    "caption": "Captioning",
    "store": "Storing",
    "count words": "Counting words",
    "fingerprint": "Fingerprinting",
}
_LINE_SECONDS = 10.0


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A callback for `stage, done, total` (total 0: not known). An interrupt ends the command with one sentence."""
    try:
        if sys.stderr.isatty():
            with _bars() as callback:
                yield callback
        else:
            yield _lines()
    except KeyboardInterrupt:
        print("Interrupted. What is done is kept; the same command continues from here.", file=sys.stderr)
        raise typer.Exit(130) from None


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    speed = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), speed, TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(_TITLES.get(stage, stage), total=total or None, rate="")
            task = progress.tasks[progress.task_ids.index(tasks[stage])]
            rate = f"{task.speed:.1f}/s" if task.speed else ""
            progress.update(tasks[stage], completed=done, total=total or None, rate=rate)

        yield update


def _lines() -> Progress:
    begun: dict[str, float] = {}
    said: dict[str, float] = {}

    def update(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        begun.setdefault(stage, now)
        if now - said.setdefault(stage, now) < _LINE_SECONDS:
            return
        said[stage] = now
        rate = done / (now - begun[stage])
        of = f"{done} of {total}" if total else f"{done}"
        left = f", {(total - done) / rate:.0f} s left" if total > done and rate else ""
        print(f"{_TITLES.get(stage, stage)}: {of}, {rate:.1f}/s{left}", file=sys.stderr, flush=True)

    return update
