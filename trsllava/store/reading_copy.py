"""Reading a collection whose folder cannot be written: read-only, of another user, or on a full disk.

The engine opens nothing without writing, so what counts is copied to a temporary folder and read there.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from trsllava.errors import BusyError, HomeError
from trsllava.store import journal, manifest
from trsllava.store.copying import copy_folder, occupied_bytes
from trsllava.store.shard import OPENING_BYTES, OpenShard

_POLL_SECONDS = 0.02


def can_be_opened(folder: Path) -> bool:
    """True where the engine may write to the collection of a folder, and finds room to."""
    places = (folder, manifest.read(folder).shard_folder(folder))
    return all(os.access(place, os.W_OK) for place in places) and shutil.disk_usage(folder).free >= OPENING_BYTES


class ReadingCopy:
    """A copy of a collection's shard, made when it is first needed and anew when the original changed. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._place: tempfile.TemporaryDirectory[str] | None = None
        self._opened: OpenShard | None = None
        self._version: object = None

    @contextmanager
    def use(self, wait_seconds: float) -> Iterator[OpenShard]:
        """The open copy for one call. Raises BusyError while others write, HomeError where no disk has room for it."""
        with self._lock:
            if self._opened is None or self._version != _version(self._folder):
                self.close()
                self._opened = self._copied(wait_seconds)
            yield self._opened

    def close(self) -> None:
        """Delete the copy."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None
            if self._place is not None:
                self._place.cleanup()
                self._place = None

    def _copied(self, wait_seconds: float) -> OpenShard:
        with _writers_kept_out(self._folder, time.monotonic() + wait_seconds):
            self._version = _version(self._folder)
            original = manifest.read(self._folder).shard_folder(self._folder)
            room = _with_room(self._folder, occupied_bytes(original) + 2 * OPENING_BYTES)
            self._place = tempfile.TemporaryDirectory("-trsllava", dir=room, ignore_cleanup_errors=True)
            copy = Path(self._place.name)
            copy_folder(original, copy / original.name, without=journal.NAME)
            manifest.write(copy, manifest.read(self._folder))
        return OpenShard.load(copy)


def _version(folder: Path) -> object:
    """Changes with every write to a collection."""
    current = manifest.read(folder)
    noted = journal.Journal(current.shard_folder(folder))
    return current, noted.size(), noted.worn()


def _with_room(folder: Path, needed: int) -> Path:
    """A temporary place with so many free bytes: the system's, else its memory."""
    for place in (_temporary(), Path("/dev/shm")):
        if place is not None and os.access(place, os.W_OK) and shutil.disk_usage(place).free >= needed:
            return place
    raise HomeError(
        f"The store in {folder} cannot be written, and elsewhere there is no room for a copy to read from "
        f"({(needed >> 20) + 1} MB). Make it writable, free some space, or set TMPDIR to a folder on another disk."
    )


def _temporary() -> Path | None:
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:  # no temporary folder can be written, as on a full disk
        return None


@contextmanager
def _writers_kept_out(folder: Path, deadline: float) -> Iterator[None]:
    """A share in both locks of the lease, in its order; unlike the lease itself, this needs no right to write."""
    with ExitStack() as held:
        if sys.platform != "win32":
            for name in ("queue.lock", "door.lock"):
                try:
                    descriptor = os.open(folder / name, os.O_RDONLY)
                except OSError:  # nobody has held it since the folder was copied here, or it is not ours to look at
                    continue
                held.callback(os.close, descriptor)
                _share(descriptor, folder, deadline)
        yield


def _share(descriptor: int, folder: Path, deadline: float) -> None:
    import fcntl

    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise BusyError(
                    f"The store in {folder} is held by another process. Wait until it is done, or stop it, and try "
                    "again."
                ) from None
            time.sleep(_POLL_SECONDS)
