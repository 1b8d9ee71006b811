"""How many requests are worked on at once, how many wait, and for how long."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from trsllava.service.metrics import Metrics
from trsllava.service.problems import Problem

T = TypeVar("T")


class Admission:
    """Threads that do the work of requests, off the event loop, and a bounded queue before them."""

    def __init__(self, *, workers: int, queue: int, seconds: float, metrics: Metrics) -> None:
        """`queue`: requests that may wait; `seconds`: how long one may take, waiting included."""
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="request")
        self._room, self._seconds, self._metrics = workers + queue, seconds, metrics
        self._inside = 0
        self._lock = threading.Lock()

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work`, done in a thread. Raises Problem: 429 where the queue is full, 503 where it takes too
        long; work that has begun then runs to its end and keeps its thread."""
        with self._lock:
            if self._inside >= self._room:
                self._metrics.refused.inc()
                raise Problem(
                    429, "too-busy", "Too many requests are waiting.", "Ask again in a moment.", {"Retry-After": "1"}
                )
            self._inside += 1
        self._metrics.inside.inc()
        future = self._pool.submit(copy_context().run, work)
        future.add_done_callback(self._left)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._seconds)
        except TimeoutError:
            raise Problem(
                503,
                "too-slow",
                f"The answer was not ready within {self._seconds:g} seconds.",
                "Ask for less, or again later.",
                {"Retry-After": "5"},
            ) from None

    def close(self) -> None:
        """Let what runs end; what waits is given up."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _left(self, _: Future[T]) -> None:
        self._metrics.inside.dec()
        with self._lock:
            self._inside -= 1
