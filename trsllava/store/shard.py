"""The open shard of a collection's folder: what counts on disk, read and written with the lease held."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import qdrant_edge as engine

from trsllava.errors import HomeError, Parameter
from trsllava.records import Filters
from trsllava.store import edge, manifest
from trsllava.store.journal import Journal
from trsllava.store.payload import EXTENTS
from trsllava.store.protocol import StoreSchema, TilePoint
from trsllava.store.residency import give_memory_back, kept_in_memory
from trsllava.store.scoring import MANY, StoredVectors

_PAGE = 500
OPENING_BYTES = 4 << 20
"""Disk space that opening a shard takes at most."""
_READ_BYTES = 8 << 20
"""Files up to about this size are read when a shard opens, and forgotten then; larger ones are mapped."""
_HELD_BYTES = 256 << 20
"""The most memory that a collection's vectors may be held in."""
_CAPTIONS = 5
"""How many a tile has at most, usually."""


class OpenShard:
    """The engine on the generation that counts."""

    def __init__(self, folder: Path, current: manifest.Manifest, shard: engine.EdgeShard) -> None:
        self.shard = shard
        self.manifest = current
        self.path = current.shard_folder(folder)
        self.journal = Journal(self.path)
        self.worn = self.journal.worn()
        self._asked = 0
        self._held: StoredVectors | None = None
        self._fetching = threading.Lock()

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
        check_space(folder, OPENING_BYTES)
        current = manifest.read(folder)
        sweep(folder, keep=current.shard_folder(folder))
        return cls(folder, current, open_engine(current.shard_folder(folder)))

    @property
    def schema(self) -> StoreSchema:
        """The dimensions the collection was created with."""
        return self.manifest.schema

    def upsert(self, points: Sequence[TilePoint]) -> None:
        """Write tiles; on the disk when the call returns."""
        ids = [point.id for point in points]
        if self.shard.retrieve(list(ids), with_payload=False, with_vector=False):
            self._wear()
        self.journal.note(ids)
        self._update(engine.UpdateOperation.upsert_points([edge.to_point(point) for point in points]))

    def delete(self, ids: Sequence[str]) -> None:
        """Remove tiles; on the disk when the call returns."""
        self._wear()
        self.journal.note(ids)
        self._update(engine.UpdateOperation.delete_points(list(ids)))

    def conditions(self, filters: Filters | None, ids: Sequence[str] | None = None) -> engine.Filter | None:
        """Filters and a choice of tiles as the engine's filter; None where every tile passes."""
        if filters is None or (filters.bbox is None and filters.area is None):
            return edge.conditions(filters, ids)
        classes = self.shard.facet(engine.FacetRequest("extent", limit=len(EXTENTS), exact=False))
        return edge.conditions(filters, ids, sorted(int(hit.value) for hit in classes.hits))

    def count(self, filters: Filters | None = None) -> int:
        """How many tiles pass the filters, exactly."""
        where = self.conditions(filters)
        if where is None:
            return self.shard.info().points_count
        return self.shard.count(engine.CountRequest(exact=True, filter=where))

    def estimate(self, where: engine.Filter | None) -> int:
        """About how many tiles pass; costs next to nothing."""
        return self.shard.count(engine.CountRequest(exact=False, filter=where))

    def ids(self) -> Iterator[str]:
        """The ids of all tiles."""
        return (str(record.id) for page in self._pages(whole=False) for record in page)

    def points(self) -> Iterator[TilePoint]:
        """All tiles with their vectors."""
        return (edge.from_record(record) for page in self._pages(whole=True) for record in page)

    def held_for(self, queries: int) -> StoredVectors | None:
        """All vectors in memory, for so many more queries over all tiles; None where asking the engine for each has
        not yet cost as much as fetching them since the last write, or where they are too large."""
        with self._fetching:
            self._asked += queries
            if self._held is not None or self._asked < MANY:
                return self._held
            if self._can_be_held():
                self._held = StoredVectors.of(self.points())
                return self._held
        return StoredVectors.of(self.points()) if queries >= MANY else None

    def hold(self) -> None:
        """Fetch all vectors into memory, where they are not too large."""
        with self._fetching:
            if self._held is None and self._can_be_held():
                self._held = StoredVectors.of(self.points())

    def close(self) -> None:
        """Give the shard back."""
        close_engine(self.path, self.shard)

    def _update(self, operation: engine.UpdateOperation) -> None:
        try:
            self.shard.update(operation)
            self.shard.flush()
        finally:
            self._forget()

    def _can_be_held(self) -> bool:
        numbers = _CAPTIONS * self.schema.dense_dim + (self.schema.image_dim or 0)
        return self.count() * numbers * 4 <= _HELD_BYTES

    def _forget(self) -> None:
        """What is held no longer counts: something was written. Waits for a fetch that began before."""
        with self._fetching:
            self._held, self._asked = None, 0

    def _wear(self) -> None:
        if not self.worn:
            self.journal.wear()
            self.worn = True

    def _pages(self, *, whole: bool) -> Iterator[Sequence[engine.Record]]:
        offset: engine.PointId | None = None
        while True:
            records, offset = self.shard.scroll(
                engine.ScrollRequest(offset=offset, limit=_PAGE, with_payload=whole, with_vector=whole)
            )
            yield records
            if offset is None:
                return


def open_engine(path: Path) -> engine.EdgeShard:
    """Open a shard's folder."""
    with kept_in_memory(path, largest=_READ_BYTES):
        return engine.EdgeShard.load(str(path))


def close_engine(path: Path, shard: engine.EdgeShard) -> None:
    """Close the shard of a folder."""
    with kept_in_memory(path):
        shard.close()
    give_memory_back()


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
            "Free some space, or choose another place with ",
            Parameter("home"),
            ".",
        )
