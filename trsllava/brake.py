"""Stops a run whose every request fails, before it has cost more than a few dozen of them."""

from __future__ import annotations

import asyncio
from collections import Counter

from trsllava.errors import Parameter, ServerError

_AT_ONCE = 40
_MOST_REQUESTS = 60
_MOST_FAILURES = 36
_IN_A_ROW = 16
"""Requests that a server which has answered before may fail on, one after the other."""


class Brake:
    """Holds a run to a few dozen requests until its first usable answer; in one event loop.

    `keep_going`: it holds nothing back and never stops the run.
    """

    def __init__(self, keep_going: bool = False) -> None:
        self.released = keep_going
        """True from the first usable answer on."""
        self._keep_going = keep_going
        self._sent = self._under_way = 0
        self._at_once = _AT_ONCE
        self._failures: Counter[str] = Counter()
        self._lost_in_a_row = 0
        self._example = ""
        self._moved = asyncio.Event()

    async def begin(self) -> None:
        """Wait until one more request may be sent; `end` gives the turn back. Raises ServerError where the run is to
        stop."""
        while not self.released and (self._under_way >= self._at_once or self._sent >= _MOST_REQUESTS):
            if self._under_way == 0:
                raise self._stop()
            self._moved.clear()
            await self._moved.wait()
        self._sent += 1
        self._under_way += 1

    def end(self) -> None:
        """A request is answered or lost."""
        self._under_way -= 1
        self._moved.set()

    def slow(self, example: str) -> None:
        """The server is busy, away, or being asked otherwise: one request at a time finds out whether that helps."""
        self._at_once = 1
        self._example = example

    def succeeded(self) -> None:
        """An answer was usable."""
        self.released = True
        self._lost_in_a_row = 0
        self._moved.set()

    def failed(self, kind: str, example: str, lost: bool = False) -> None:
        """An answer was refused, or the request `lost`. Raises ServerError where the run is to stop."""
        self._failures[kind] += 1
        self._example = example
        self._lost_in_a_row = self._lost_in_a_row + 1 if lost else 0
        if self._keep_going:
            return
        if self._lost_in_a_row >= _IN_A_ROW or (not self.released and self._failures.total() >= _MOST_FAILURES):
            raise self._stop()

    def _stop(self) -> ServerError:
        if self._lost_in_a_row >= _IN_A_ROW:
            said = f"{self._lost_in_a_row} requests in a row failed"
        elif not self._failures:
            said = f"none of the first {self._sent} requests was answered"
        else:
            kinds = ", ".join(f"{count} {kind}" for kind, count in self._failures.most_common(3))
            said = f"none of the first {self._failures.total()} answers could be used ({kinds})"
        return ServerError(
            f"The run was stopped because {said}; the last error: {self._example.rstrip('.')}; none of them is in "
            "quarantine: mend the server and run the same command again, or add ",
            Parameter("keep_going"),
            ".",
        )
