"""One process at a time may have a folder's engine open: a lease that is shared by waiting, not by asking.

Two lock files make a fair queue. Who wants the folder takes `queue.lock`, waits for `door.lock` and then frees
`queue.lock`; so a holder that cannot take `queue.lock` knows that somebody stands at the door. A holder keeps the
resource open after its last session, because opening costs more than most calls, but a small thread watches the queue
and lets go as soon as somebody waits. The locks are the kernel's (flock), so a killed process holds nothing.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

from filelock import FileLock, Timeout

from trsllava.errors import BusyError, HomeError, Parameter

T = TypeVar("T")

_POLL_SECONDS = 0.02
_HOLDER_FILE = "holder"


class Lease(Generic[T]):
    """A resource in a folder that only one process may have open, shared by all threads of this process.

    `open_resource` and `close_resource` are called with the lease held and must not refer to the lease's owner, which
    would keep it alive for as long as the watching thread runs.
    """

    def __init__(self, folder: Path, open_resource: Callable[[], T], close_resource: Callable[[T], None]) -> None:
        self._folder = folder
        self._open_resource = open_resource
        self._close_resource = close_resource
        self._reset()
        _leases.add(self)

    def _reset(self) -> None:
        """The state of a lease that holds nothing."""
        self._queue = FileLock(self._folder / "queue.lock", thread_local=False)
        self._door = FileLock(self._folder / "door.lock", thread_local=False)
        lock = threading.RLock()
        self._changed = threading.Condition(lock)
        self._ended = threading.Condition(lock)
        self._thread = threading.local()
        self._resource: T | None = None
        self._held = False
        self._acquiring = False
        self._tenure = 0
        self._sessions = 0
        self._calls = 0
        self._exclusive = False
        self._closing = False

    @contextmanager
    def hold(self, wait_seconds: float) -> Iterator[None]:
        """Keep the folder for this process; sessions of several threads overlap, sessions of one thread nest.

        Raises BusyError when others hold it for longer than `wait_seconds`, HomeError where the folder cannot be
        written.
        """
        depth = getattr(self._thread, "depth", 0)
        if depth == 0:
            self._enter(time.monotonic() + wait_seconds)
        self._thread.depth = depth + 1
        try:
            yield
        finally:
            self._thread.depth = depth
            if depth == 0:
                self._leave()

    def is_held_here(self) -> bool:
        """True within a session of this thread."""
        return getattr(self._thread, "depth", 0) > 0

    @contextmanager
    def use(self, wait_seconds: float) -> Iterator[T]:
        """The open resource for one call; opened where it is not. Raises what `hold` and `open_resource` raise."""
        with self.hold(wait_seconds):
            with self._changed:
                while self._exclusive:
                    self._changed.wait()
                if self._resource is None:
                    self._resource = self._open_resource()
                resource = self._resource
                self._calls += 1
            try:
                yield resource
            finally:
                with self._changed:
                    self._calls -= 1
                    self._changed.notify_all()

    def alone(self, step: Callable[[T | None], T | None], wait_seconds: float) -> None:
        """Run `step` while no call of any thread is under way; never from within `use`.

        It is given the resource (None: not open) and returns the one to go on with (None: open it again when it is
        needed). A step that raises must leave open what it was given.
        """
        with self.hold(wait_seconds):
            with self._changed:
                while self._exclusive or self._calls:
                    self._changed.wait()
                self._exclusive = True
            try:
                self._resource = step(self._resource)
            finally:
                with self._changed:
                    self._exclusive = False
                    self._changed.notify_all()

    def close(self) -> None:
        """Let go now, or as soon as the last session ends."""
        with self._changed:
            self._closing = True
            if self._sessions == 0:
                self._let_go()

    def _enter(self, deadline: float) -> None:
        with self._changed:
            while self._acquiring or (self._held and self._wanted()):
                if self._held and self._sessions == 0:
                    self._let_go()
                    continue
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise self._busy()
                self._changed.wait(min(remaining, _POLL_SECONDS))
            if self._held:
                self._sessions += 1
                return
            self._acquiring = True
        try:
            self._acquire(deadline)
        except BaseException:
            with self._changed:
                self._acquiring = False
                self._changed.notify_all()
            raise
        with self._changed:
            self._acquiring = False
            self._held = True
            self._closing = False
            self._tenure += 1
            self._sessions += 1
            self._changed.notify_all()
            watcher = threading.Thread(target=self._watch, args=(self._tenure,), name="trsllava-lease", daemon=True)
            watcher.start()

    def _leave(self) -> None:
        with self._changed:
            self._sessions -= 1
            if self._sessions == 0 and self._held and (self._closing or self._wanted()):
                self._let_go()
            self._changed.notify_all()

    def _acquire(self, deadline: float) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._queue.acquire(timeout=max(0.0, deadline - time.monotonic()), poll_interval=_POLL_SECONDS / 2):
                self._door.acquire(timeout=max(0.0, deadline - time.monotonic()), poll_interval=_POLL_SECONDS / 2)
            (self._folder / _HOLDER_FILE).write_text(f"{os.getpid()} ({_program()})")
        except Timeout:
            raise self._busy() from None
        except OSError as error:
            self._door.release(force=True)
            raise HomeError(
                f"The store's folder {self._folder} cannot be written ({error.strerror or error}). "
                "Make it writable, free some space, or choose another place with ",
                Parameter("home"),
                ".",
            ) from error

    def _busy(self) -> BusyError:
        holder = ""
        with suppress(OSError):
            holder = (self._folder / _HOLDER_FILE).read_text()
        return BusyError(
            f"The store in {self._folder} is held by process {holder or 'unknown'}. "
            "Wait until it is done, or stop it, and try again."
        )

    def _wanted(self) -> bool:
        """True where another process, or another lease of this one, waits for the folder."""
        try:
            self._queue.acquire(blocking=False)
        except Timeout:
            return True
        except OSError:
            return False
        self._queue.release()
        return False

    def _watch(self, tenure: int) -> None:
        with self._changed:
            while self._held and self._tenure == tenure:
                if self._sessions == 0 and self._wanted():
                    self._let_go()
                    return
                self._ended.wait(_POLL_SECONDS)  # not for sessions: waking at each would slow busy threads

    def _let_go(self) -> None:
        """Close the resource and open the door; the caller holds the condition and there is no session."""
        if self._resource is not None:
            resource, self._resource = self._resource, None
            self._close_resource(resource)
        if self._held:
            self._held = False
            self._door.release(force=True)
        self._ended.notify_all()
        self._changed.notify_all()

    def _before_fork(self) -> None:
        with self._changed:
            if self._sessions == 0:
                self._let_go()

    def _after_fork_in_child(self) -> None:
        """Forget what the parent holds: a child shares its parent's open files, and with them its locks."""
        self._abandon()
        _detach_open_files(self._folder)
        self._reset()

    def _abandon(self) -> None:
        """Never close the resource: in a forked child it would wait for threads that are not there, and at the end of
        a process the system closes everything faster."""
        if self._resource is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._resource))


def _program() -> str:
    """The program that this process runs, of our own with its command; arguments may hold credentials."""
    path = Path(sys.argv[0])
    name = path.parent.name if path.name == "__main__.py" else path.name
    return " ".join([name, *sys.argv[1:2]]) if name == "trsllava" else name


def _detach_open_files(folder: Path) -> None:
    """Point every open file of this process below `folder` at the null device, which gives up its share of a lock."""
    listing = Path("/proc/self/fd")
    if not listing.exists():
        return
    null = os.open(os.devnull, os.O_RDWR)
    prefix = f"{folder.resolve()}{os.sep}"
    for link in list(listing.iterdir()):
        with suppress(OSError):
            if os.readlink(link).startswith(prefix):
                os.dup2(null, int(link.name), inheritable=False)
    os.close(null)


_leases: weakref.WeakSet[Lease[Any]] = weakref.WeakSet()


def _before_fork() -> None:
    for lease in list(_leases):
        lease._before_fork()


def _after_fork_in_child() -> None:
    for lease in list(_leases):
        lease._after_fork_in_child()


@atexit.register
def _at_exit() -> None:
    for lease in list(_leases):
        lease._abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)
