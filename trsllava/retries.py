"""When a request that got no usable reply is sent again, and when it, or its server, is given up."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from trsllava.errors import ServerError

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0
_PROBES_A_PATIENCE = 20
"""A server that has not answered yet and is busy or away is asked so often until it is given up."""
_TOO_MANY_LATE = 2


@dataclass
class LostError(Exception):
    """A request without a usable reply; it may be sent again."""

    reason: str
    busy: bool = False
    """The server has more to do than it can."""
    late: bool = False
    own_fault: bool = False
    """The server is up, and failed on this request."""
    broken_off: bool = False
    """The connection broke in the middle of it: the server went, or it cannot bear this request."""
    wait: float | None = None
    """Seconds that the server asks for."""
    kind: str = "lost"


@dataclass
class Tries:
    """How often one request was sent in vain."""

    most: int
    """The most that are its own fault."""
    made: int = 0
    lost: int = 0
    """By its own fault."""
    late: int = 0

    def count(self, fault: LostError, its_own: bool) -> None:
        """One more in vain."""
        self.made += 1
        self.lost += its_own
        self.late += fault.late

    @property
    def exhausted(self) -> bool:
        """True where the request is given up."""
        return self.late >= _TOO_MANY_LATE or self.lost > self.most


class Patience:
    """With a server that may be busy or away: `seconds` without any answer until it is given up."""

    def __init__(self, seconds: float) -> None:
        self.replies = 0
        """Requests that were answered."""
        self._seconds = seconds
        self._away_since: float | None = None

    def answered(self) -> None:
        """The server is there."""
        self.replies += 1
        self._away_since = None

    def check(self, fault: LostError) -> None:
        """Raises ServerError where the server has been away for too long."""
        now = time.monotonic()
        if self._away_since is None:
            self._away_since = now
        if now - self._away_since + (fault.wait or 0) > self._seconds:
            raise ServerError(
                f"{fault.reason}, and has answered nothing for {now - self._away_since:.0f} s. "
                "Start the server, or look at its log; then run the command again."
            ) from fault

    def pause(self, tries: Tries, fault: LostError, *, probing: bool) -> float:
        """Seconds until the next try: those that the server asks for, else 0.5, 1, 2 … 8, spread a little so that
        requests lost together do not come back together. `probing`: it is only asked whether it is there."""
        if fault.wait is not None:
            return fault.wait
        backoff = min(_FIRST_WAIT * 2 ** (tries.made - 1), _LONGEST_WAIT) * random.uniform(0.75, 1.0)
        return float(max(backoff, self._seconds / _PROBES_A_PATIENCE if probing else 0.0))
