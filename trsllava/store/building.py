"""Building the index beside the collection, so that readers and writers go on meanwhile.

The engine optimises a shard in one long call that keeps every other thread of its process waiting. So the shard is
copied under the lease, the copy is optimised by a process of its own, what was written in the meantime is carried over
batch by batch, and the copy takes the old shard's place. A crash at any point leaves the old shard or the new one,
each complete; whatever else lies in the folder is swept by the next build.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import qdrant_edge as engine
from filelock import FileLock, Timeout

from trsllava.errors import BusyError, HomeError
from trsllava.store import edge, journal, manifest
from trsllava.store.copying import copy_folder, occupied_bytes
from trsllava.store.journal import Journal
from trsllava.store.shard import OpenShard, check_space, close_engine, open_engine

WORTH_INDEXING = 2000
"""Tiles from which on an index is faster than looking at all of them."""

_CARRY = 250
"""Points that are carried over in one go, during which the lease is held."""

_SPARE = 2.5
"""Disk space that a build needs, as a multiple of the shard: the copy, and its new segment beside the old one."""


@contextmanager
def only_build(folder: Path, wait_seconds: float) -> Iterator[None]:
    """One build a folder at a time; sweeps what earlier ones left. Raises BusyError."""
    lock = FileLock(folder / "build.lock", thread_local=False)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout:
        raise BusyError(f"Another process is building the index in {folder}. Wait for it to end.") from None
    try:
        for draft in folder.glob("draft-*"):
            shutil.rmtree(draft, ignore_errors=True)
        yield
    finally:
        lock.release()


class Draft:
    """The copy of a shard that is being optimised, and how far it has followed the original."""

    def __init__(self, folder: Path, original: manifest.Manifest, followed: int) -> None:
        self.original = original
        self._folder = folder
        self._path = folder / f"draft-{uuid.uuid4().hex}"
        self._journal = Journal(original.shard_folder(folder))
        self._followed = followed
        self._late: list[str] = []
        self._copy: engine.EdgeShard | None = None

    @classmethod
    def copy(cls, folder: Path, opened: OpenShard) -> Draft:
        """Copy a shard to which nobody writes meanwhile. Raises HomeError where the disk is too small."""
        opened.shard.flush()
        check_space(folder, int(_SPARE * occupied_bytes(opened.path)))
        draft = cls(folder, opened.manifest, opened.journal.size())
        copy_folder(opened.path, draft._path, without=journal.NAME)
        return draft

    def optimise(self) -> None:
        """Optimise the copy in a process of its own; returns when it is done. Raises HomeError where that fails."""
        command = [sys.executable, "-m", "trsllava.store.building", str(self._path)]
        result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if result.returncode != 0:
            reason = result.stderr.strip()[-300:] or f"exit status {result.returncode}"
            raise HomeError(
                f"The index in {self._folder} could not be built ({reason}). "
                "Everything written is kept; search is slower until `trsllava index` is run again."
            )

    def behind(self) -> bool:
        """True while more than a batch was written that the copy does not have."""
        return self._journal.size() - self._followed > _CARRY * journal.LINE_BYTES

    def follow(self, opened: OpenShard) -> None:
        """Carry a batch of what was written meanwhile over from the original."""
        noted, self._followed = self._journal.after(self._followed, _CARRY)
        if not noted:
            return
        self._late += noted
        ids: list[engine.PointId] = list(dict.fromkeys(noted))
        records = opened.shard.retrieve(ids, with_payload=True, with_vector=True)
        gone = set(ids) - {str(record.id) for record in records}
        if records:
            points = [edge.to_point(edge.from_record(record)) for record in records]
            self._opened().update(engine.UpdateOperation.upsert_points(points))
        if gone:
            self._opened().update(engine.UpdateOperation.delete_points(list(gone)))

    def take_over(self) -> None:
        """Make the copy the generation that counts."""
        if self._copy is not None:
            self._copy.flush()
            close_engine(self._path, self._copy)
        following = replace(self.original, generation=self.original.generation + 1)
        folder = following.shard_folder(self._folder)
        shutil.rmtree(folder, ignore_errors=True)
        self._path.rename(folder)
        if self._late:
            Journal(folder).note(self._late)
            Journal(folder).wear()
        manifest.write(self._folder, following)

    def _opened(self) -> engine.EdgeShard:
        if self._copy is None:
            self._copy = open_engine(self._path)
        return self._copy


def main() -> None:
    """Optimise the shard whose folder is given; dies with the process that asked for it, where the system can."""
    if sys.platform == "linux":
        import ctypes
        import signal

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
    folder = Path(sys.argv[1])
    earlier = set((folder / "segments").iterdir())
    shard = engine.EdgeShard.load(str(folder))
    shard.optimize()
    shard.flush()
    if earlier.isdisjoint((folder / "segments").iterdir()):
        Journal(folder).renew()
    os._exit(0)  # without closing: what is in memory of the files stays there for the next to open them


if __name__ == "__main__":
    main()
