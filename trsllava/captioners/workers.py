"""Processes that read and encode pictures, so that neither the model nor the ledger waits for them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from trsllava.captioners.picture import Picture, Render, T, picture_of
from trsllava.captioners.protocol import CaptionJob
from trsllava.errors import InputError
from trsllava.remote.address import adopt, credentials

_MOST_WORKERS = 8
"""One process makes some forty pictures of a megapixel a second."""


class PictureWorkers:
    """`picture_of` in processes of their own; use as a context manager.

    A file that kills its process (memory, a broken codec) costs that one picture: it is read again alone, and if it
    kills that process too, it is the picture's fault. Raises InputError where no process can be started.
    """

    def __init__(self) -> None:
        self._pool = _started_pool()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def picture(self, job: CaptionJob, render: Render[T]) -> Picture[T]:
        """One picture, for an event loop."""
        try:
            return await asyncio.wrap_future(self._submit(job, render))
        except BrokenProcessPool:
            return await asyncio.to_thread(_alone, job, render)

    def pictures(self, jobs: Iterable[CaptionJob], render: Render[T]) -> Iterator[tuple[CaptionJob, Picture[T]]]:
        """Every job with its picture, in order, a few read ahead."""
        ahead: deque[tuple[CaptionJob, Future[Picture[T]]]] = deque()
        for job in jobs:
            ahead.append((job, self._submit(job, render)))
            if len(ahead) > 2 * _MOST_WORKERS:
                yield _first(ahead, render)
        while ahead:
            yield _first(ahead, render)

    def _submit(self, job: CaptionJob, render: Render[T]) -> Future[Picture[T]]:
        try:
            return self._pool.submit(picture_of, job, render)
        except BrokenProcessPool:
            self._pool = _pool(_workers())
            return self._pool.submit(picture_of, job, render)


def _first(ahead: deque[tuple[CaptionJob, Future[Picture[T]]]], render: Render[T]) -> tuple[CaptionJob, Picture[T]]:
    job, future = ahead.popleft()
    try:
        return job, future.result()
    except BrokenProcessPool:
        return job, _alone(job, render)


def _alone(job: CaptionJob, render: Render[T]) -> Picture[T]:
    with _pool(1) as alone:
        try:
            alone.submit(os.getpid).result()
        except BrokenProcessPool as error:
            raise InputError(
                "Worker processes cannot be started. In a script of your own, put the work under "
                "`if __name__ == '__main__':`, so that the script can be imported."
            ) from error
        try:
            return alone.submit(picture_of, job, render).result()
        except BrokenProcessPool:
            return Picture(error=f"{job.paths[0]} cannot be read: it kills the process that tries.")


def _started_pool() -> ProcessPoolExecutor:
    """A pool whose processes begin to start at once, while the caller does other things."""
    pool = _pool(_workers())
    with suppress(BrokenProcessPool):  # said where a picture is wanted
        for _ in range(_workers()):
            pool.submit(os.getpid)
    return pool


def _workers() -> int:
    return min(os.cpu_count() or 1, _MOST_WORKERS)


def _pool(workers: int) -> ProcessPoolExecutor:
    # Not forked from this process, which has threads, and locks that they may hold. A fork server has none, and has
    # imported once what every worker needs; macOS's frameworks do not bear it, and Windows has none.
    context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    context.set_forkserver_preload([picture_of.__module__])
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(credentials(),))


def _begin(remembered: Mapping[str, str]) -> None:
    """Leave interrupts to the parent, and go when it goes, even if it is killed. `remembered`: credentials of
    addresses, which are in no tile."""
    adopt(remembered)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
