"""How many requests a server is sent at once: as many as it bears, and no more than a ceiling."""

from __future__ import annotations

import asyncio
from collections import deque

_CUT = 0.7
_ROUNDS_TO_CEILING = 16


class Pace:
    """Additive increase, multiplicative decrease (Chiu & Jain, 1989), in one event loop.

    It begins at the ceiling: a server that queues is best kept full. A round of answers widens the limit by a
    sixteenth of the ceiling; an overload cuts it to 0.7, once for all requests that were under way at the time.
    Whoever waits is served in order.
    """

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        self.limit = float(ceiling)
        """At least 1, at most the ceiling; its whole part counts."""
        self.under_way = 0
        self._sent = 0
        self._sent_before_cut = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> int:
        """Wait for a turn; returns the request's number, for `overloaded`. Every turn is given back by `release`."""
        if self._waiting or self.under_way >= int(self.limit):
            await self._turn()
        else:
            self.under_way += 1
        self._sent += 1
        return self._sent

    def release(self) -> None:
        """Give a turn back."""
        self.under_way -= 1
        self._grant()

    def answered(self) -> None:
        """The server bore a request."""
        self.limit = min(self.ceiling, self.limit + max(1.0, self.ceiling / _ROUNDS_TO_CEILING) / self.limit)
        self._grant()

    def overloaded(self, number: int) -> None:
        """The server could not bear the request of this number: it said so, or did not answer in time."""
        if number > self._sent_before_cut:
            self._sent_before_cut = self._sent
            self.limit = max(1.0, self.limit * _CUT)

    async def _turn(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()
            else:
                self._waiting.remove(turn)
            raise

    def _grant(self) -> None:
        while self._waiting and self.under_way < int(self.limit):
            turn = self._waiting.popleft()
            if not turn.done():
                self.under_way += 1
                turn.set_result(None)
