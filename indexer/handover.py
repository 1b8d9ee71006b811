"""What one thread finds, handed to another in order, and only so much ahead."""

from __future__ import annotations

import threading
from collections import deque

from indexer.looking import Finding

_AHEAD = 4_000
"""Files and tiles that may wait to be taken: some seconds of looking at small files, a few megabytes."""


class Handover:
    """Findings between the thread that looks at files and the one that writes the ledger."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._findings: deque[Finding] = deque()
        self._weight = 0
        self._error: BaseException | None = None
        self._is_over = self._is_given_up = False

    def put(self, finding: Finding) -> bool:
        """Wait until there is room, and hand it over; False where nobody takes any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._weight < _AHEAD or self._is_given_up)
            self._findings.append(finding)
            self._weight += 1 + len(finding.tiles)
            self._changed.notify_all()
            return not self._is_given_up

    def end(self, error: BaseException | None = None) -> None:
        """No more will come; an error is raised by whoever takes."""
        with self._changed:
            self._error, self._is_over = error, True
            self._changed.notify_all()

    def take(self, most: int, *, wait: bool) -> list[Finding] | None:
        """What there is, in order; None once all is taken. `wait`: at least one. Raises what ended the looking."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._findings or self._is_over)
            taken = [self._findings.popleft() for _ in range(min(most, len(self._findings)))]
            self._weight -= sum(1 + len(finding.tiles) for finding in taken)
            self._changed.notify_all()
            if taken or not self._is_over:
                return taken
            if self._error is not None:
                raise self._error
            return None

    def give_up(self) -> None:
        """Nothing will be taken any more."""
        with self._changed:
            self._is_given_up = True
            self._changed.notify_all()
