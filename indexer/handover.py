"""What was found, from the threads that look at files to the one that writes the ledger: in order, a little ahead."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future

from indexer.looking import Finding

_AHEAD = 4_000
"""Files and tiles that may wait to be taken: some seconds of looking at small files, a few megabytes."""
_READ_AHEAD = 4
"""Files that wait to be read, or are being read, of a folder."""


class Handover:
    """Findings in the order in which they are put; those of files that are still being read are waited for."""

    def __init__(self, read_ahead: int = _READ_AHEAD) -> None:
        """`read_ahead`: files that wait to be read, or are being read, at most."""
        self._read_ahead = read_ahead
        self._changed = threading.Condition()
        self._findings: deque[Finding | Future[Finding]] = deque()
        self._weight = self._unread = 0
        self._error: BaseException | None = None
        self._is_over = False
        self.is_given_up = False

    def put(self, finding: Finding | Future[Finding]) -> None:
        """Hand over what is at a path, once there is room."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_room() or self.is_given_up)
            self._findings.append(finding)
            self._weight += 1
            self._unread += isinstance(finding, Future)
            self._changed.notify_all()
        if isinstance(finding, Future):
            finding.add_done_callback(self._note_read)

    def end(self, error: BaseException | None = None) -> None:
        """No more will come. An error is raised by `take`."""
        with self._changed:
            self._error, self._is_over = error, True
            self._changed.notify_all()

    def take(self, most: int, *, wait: bool) -> list[Finding] | None:
        """What is ready, in order; None once all is taken. `wait`: at least one. Raises what ended the looking."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._is_ready() or (self._is_over and not self._findings))
            taken: list[Finding] = []
            while len(taken) < most and self._is_ready():
                first = self._findings.popleft()
                taken.append(first.result() if isinstance(first, Future) else first)
                self._weight -= 1 + len(taken[-1].tiles)
            self._changed.notify_all()
            if taken or self._findings or not self._is_over:
                return taken
            if self._error is not None:
                raise self._error
            return None

    def give_up(self) -> None:
        """Nothing will be taken any more."""
        with self._changed:
            self.is_given_up = True
            self._changed.notify_all()

    def _has_room(self) -> bool:
        return self._weight < _AHEAD and self._unread < self._read_ahead

    def _is_ready(self) -> bool:
        return bool(self._findings) and (isinstance(first := self._findings[0], Finding) or first.done())

    def _note_read(self, reading: Future[Finding]) -> None:
        tiles = 0 if reading.cancelled() or reading.exception() else len(reading.result().tiles)
        with self._changed:
            self._unread -= 1
            self._weight += tiles
            self._changed.notify_all()
