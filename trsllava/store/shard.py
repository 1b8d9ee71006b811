"""The open shard of a collection's folder: what counts on disk, read and written with the lease held."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import qdrant_edge as engine

from trsllava.errors import HomeError
from trsllava.store import edge, manifest
from trsllava.store.journal import Journal
from trsllava.store.protocol import StoreSchema, TilePoint

_PAGE = 500
_OPENING_BYTES = 4 << 20


class OpenShard:
    """The engine on the generation that counts."""

    def __init__(self, folder: Path, current: manifest.Manifest, shard: engine.EdgeShard) -> None:
        self.shard = shard
        self.manifest = current
        self.path = current.shard_folder(folder)
        self.journal = Journal(self.path)

    @classmethod
    def create(cls, folder: Path, schema: StoreSchema) -> OpenShard:
        """Make the first generation of a collection."""
        first = manifest.Manifest(1, schema)
        sweep(folder, keep=None)
        shard = edge.create(first.shard_folder(folder), schema)
        manifest.write(folder, first)
        return cls(folder, first, shard)

    @classmethod
    def load(cls, folder: Path) -> OpenShard:
        """Open the generation that counts and sweep those that do not."""
        check_space(folder, _OPENING_BYTES)
        current = manifest.read(folder)
        sweep(folder, keep=current.shard_folder(folder))
        return cls(folder, current, engine.EdgeShard.load(str(current.shard_folder(folder))))

    @property
    def schema(self) -> StoreSchema:
        """The dimensions the collection was created with."""
        return self.manifest.schema

    def write(self, operation: engine.UpdateOperation, ids: Iterable[str]) -> None:
        """Apply an operation on the tiles `ids`; on the disk when the call returns."""
        self.journal.note(ids)
        self.shard.update(operation)
        self.shard.flush()

    def count(self, where: engine.Filter | None = None) -> int:
        """How many tiles pass a filter, exactly."""
        return self.shard.count(engine.CountRequest(exact=True, filter=where))

    def ids(self) -> Iterator[str]:
        """The ids of all tiles."""
        return (str(record.id) for page in self._pages(whole=False) for record in page)

    def points(self) -> Iterator[TilePoint]:
        """All tiles with their vectors."""
        return (edge.from_record(record) for page in self._pages(whole=True) for record in page)

    def close(self) -> None:
        """Give the shard back."""
        self.shard.close()

    def _pages(self, *, whole: bool) -> Iterator[Sequence[engine.Record]]:
        offset: engine.PointId | None = None
        while True:
            records, offset = self.shard.scroll(
                engine.ScrollRequest(offset=offset, limit=_PAGE, with_payload=whole, with_vector=whole)
            )
            yield records
            if offset is None:
                return


def sweep(folder: Path, keep: Path | None) -> None:
    """Delete the generations that do not count."""
    for generation in folder.glob("generation-*"):
        if generation != keep:
            shutil.rmtree(generation, ignore_errors=True)


def check_space(folder: Path, needed: int) -> None:
    """Raises HomeError where the disk has less than `needed` bytes left.

    Asked before every write: the engine writes through memory maps, and a full disk would kill the process.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise HomeError(
            f"The disk of {folder} is full: {free >> 20} MB are free, {(needed >> 20) + 1} MB are needed. "
            "Free some space, or choose another place with --home."
        )
