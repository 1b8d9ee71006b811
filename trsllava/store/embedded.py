"""The default store: Qdrant's engine inside this process, one folder a collection.

The folder holds `store.json` (which generation counts), `generation-N/` (a shard of the engine), the lease's lock
files and, while it is rebuilt, `beside-NAME/`: a store like it, whose shard becomes the next generation. Only one
process can have a shard open, so every call takes a lease on the folder; see `lease.py`.
"""

from __future__ import annotations

import shutil
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path

import qdrant_edge as engine

from trsllava.errors import CollectionMismatchError, HomeError, UnknownCollectionError
from trsllava.records import Branch, Filters
from trsllava.store import backup, edge, manifest
from trsllava.store.building import WORTH_INDEXING, Draft, only_build
from trsllava.store.lease import Lease
from trsllava.store.pooling import FEW_TILES
from trsllava.store.protocol import FloatArray, QueryVector, Scored, StoreSchema, TilePoint
from trsllava.store.reading_copy import ReadingCopy, can_be_opened
from trsllava.store.scoring import StoredVectors
from trsllava.store.shard import OpenShard, check_space, sweep
from trsllava.store.validation import check_facet, check_points, check_schema, check_vector

_SPARE_BYTES = 32 << 20
"""Disk space that a write leaves free at least."""
_SWAP_SECONDS = 600.0
"""How long a finished rebuild waits its turn at least: hours of work are not given up for a slow reader."""


class EmbeddedStore:
    """A `VectorStore` in a folder.

    The lease is held during a call or a session and handed over as soon as another process or another store object
    waits for it; `wait_seconds` is how long a call waits its turn. Thread-safe.
    """

    def __init__(self, folder: Path, *, wait_seconds: float = 10.0) -> None:
        self._folder = Path(folder).absolute()
        self._wait_seconds = wait_seconds
        self._lease: Lease[OpenShard] = _lease_on(self._folder)
        self._copy = ReadingCopy(self._folder)
        self._built = threading.Lock()
        weakref.finalize(self, self._lease.close).atexit = False

    def exists(self) -> bool:
        """True where the collection has been created; needs no lease."""
        return manifest.exists(self._folder)

    def create(self, schema: StoreSchema) -> None:
        """Create the empty collection and its payload indexes; nothing where it exists with this schema.

        Raises CollectionMismatchError for another schema, HomeError where the folder cannot be written.
        """

        def step(opened: OpenShard | None) -> OpenShard | None:
            if not self.exists():
                check_space(self._folder, _SPARE_BYTES)
                return OpenShard.create(self._folder, schema)
            check_schema(str(self._folder), manifest.read(self._folder).schema, schema)
            return opened

        self._alone(step)

    def drop(self) -> None:
        """Delete the collection; nothing where it does not exist."""

        def step(opened: OpenShard | None) -> None:
            manifest.remove(self._folder)
            if opened is not None:
                opened.close()
            sweep(self._folder, keep=None)

        if self.exists():
            self._alone(step)
        self.sweep()

    def build(self) -> str:
        """The name of the build that answers, read from the manifest; empty where none was swapped in."""
        try:
            return manifest.read(self._folder).build
        except (FileNotFoundError, HomeError, CollectionMismatchError):
            return ""  # nothing answers; a rebuild mends it

    @contextmanager
    def beside(self, build: str, schema: StoreSchema) -> Iterator[EmbeddedStore]:
        """An empty store in a folder inside of this one; deleted where filling it fails."""
        folder = _beside(self._folder, build)
        store = EmbeddedStore(folder, wait_seconds=self._wait_seconds)
        try:
            store.create(schema)
            yield store
        except BaseException:
            store.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        store.close()

    def swap(self, build: str) -> None:
        """Make the shard filled beside the generation that counts. Raises BusyError, HomeError.

        The shard that it replaces is not opened: it may be damaged.
        """

        def step(opened: OpenShard | None) -> None:
            filled = manifest.read(_beside(self._folder, build))
            following = manifest.Manifest(manifest.unused_generation(self._folder), filled.schema, build)
            target = following.shard_folder(self._folder)
            filled.shard_folder(_beside(self._folder, build)).rename(target)
            manifest.write(self._folder, following)
            if opened is not None:
                opened.close()
            sweep(self._folder, keep=target)

        with edge.our_errors(self._folder):
            self._lease.alone(step, max(self._wait_seconds, _SWAP_SECONDS))
        self.sweep()

    def sweep(self) -> None:
        """Delete the stores beside this one that a killed rebuild left."""
        for leftover in self._folder.glob(_beside(self._folder, "*").name):
            shutil.rmtree(leftover, ignore_errors=True)

    def session(self) -> AbstractContextManager[None]:
        """Hold the store open over several calls; others wait meanwhile. Raises BusyError."""
        if self.exists() and not can_be_opened(self._folder):
            return nullcontext()
        return self._lease.hold(self._wait_seconds)

    def upsert(self, points: Sequence[TilePoint]) -> None:
        """Write tiles, replacing those with the same id; on the disk when the call returns.

        Raises CollectionMismatchError for a wrong dimension, HomeError for a full or read-only disk.
        """
        if not points:
            return
        with self._shard_to_write() as opened:
            check_points(str(self._folder), opened.schema, points)
            check_space(self._folder, _SPARE_BYTES + 4 * sum(point.dense.nbytes for point in points))
            opened.upsert(points)

    def delete(self, ids: Sequence[str]) -> None:
        """Remove tiles; unknown ids are ignored."""
        if not ids:
            return
        with self._shard_to_write() as opened:
            check_space(self._folder, _SPARE_BYTES)
            opened.delete(ids)

    def ids(self) -> list[str]:
        """The ids of all tiles, sorted."""
        with self._shard() as opened:
            return sorted(opened.ids())

    def count(self, filters: Filters | None = None) -> int:
        """How many tiles pass the filters, exactly."""
        with self._shard() as opened:
            return opened.count(filters)

    def facet(self, key: str, filters: Filters | None = None, limit: int = 100) -> dict[str, int]:
        """How often each value of `labels` or `sources` occurs among the tiles that pass, most frequent first."""
        check_facet(key)
        with self._shard() as opened:
            request = engine.FacetRequest(key, limit=limit, exact=True, filter=opened.conditions(filters))
            return {str(hit.value): hit.count for hit in opened.shard.facet(request).hits}

    def search(self, branch: Branch, vector: QueryVector, limit: int, filters: Filters | None = None) -> Scored:
        """The best tiles of one branch, by the index (approximate for dense and image)."""
        with self._shard() as opened:
            check_vector(str(self._folder), opened.schema, branch, vector)
            where = opened.conditions(filters)
            few = branch == "dense" and opened.estimate(where) <= FEW_TILES
            ask = edge.exact_query if few else edge.indexed_query
            return edge.scored(opened.shard.query(ask(branch, vector, limit, where, opened.worn)))

    def exact(
        self,
        branch: Branch,
        vectors: Sequence[QueryVector],
        ids: Sequence[str] | None = None,
        filters: Filters | None = None,
    ) -> list[Scored]:
        """Exact scores, one `Scored` a query vector, of the given tiles (None: of all) that pass the filters."""
        with self._shard() as opened:
            for vector in vectors:
                check_vector(str(self._folder), opened.schema, branch, vector)
            where = opened.conditions(filters, ids)
            if where is None and (held := opened.held_for(len(vectors))) is not None:
                return held.scored(branch, vectors)
            limit = max(1, len(ids) if ids is not None else opened.count())
            requests = [edge.exact_query(branch, vector, limit, where, opened.worn) for vector in vectors]
            return [edge.scored(opened.shard.query(request)) for request in requests]

    def held(self, queries: int) -> StoredVectors | None:
        """The vectors of all tiles, where scoring so many more queries over all of them is cheaper from memory; None:
        ask `exact`. The two give the same scores."""
        with self._shard() as opened:
            return opened.held_for(queries)

    def hold(self) -> None:
        """Fetch what `held` gives before anybody asks for it, where it is not too large for memory."""
        with self._shard() as opened:
            opened.hold()

    def dense_vectors(self, ids: Sequence[str]) -> dict[str, FloatArray]:
        """The `(v, d)` float32 caption vectors of tiles, in the order they were written; unknown ids are left out."""
        with self._shard() as opened:
            records = opened.shard.retrieve(list(ids), with_payload=False, with_vector=["dense"])
        return {str(record.id): edge.caption_vectors(record) for record in records}

    def optimize(self) -> None:
        """Build the index over everything written so far; returns when it is built.

        The lease is held only to copy the collection and to carry over what was written meanwhile, so this must not be
        called within a session. Raises BusyError where another process builds, HomeError where the disk is too small.
        """
        self._check_exists()
        with self._built, only_build(self._folder, self._wait_seconds):
            draft = self._copied()
            if draft is None:
                return
            draft.optimise()
            self._replace(draft)

    def backup(self, target: Path) -> None:
        """Write the whole collection to a new folder; see `backup.py`. Raises InputError, HomeError."""
        with self._shard() as opened:
            backup.write(target, opened.schema, opened.points())

    def restore(self, source: Path) -> None:
        """Replace the collection by what `backup` wrote. Raises InputError where `source` is no backup."""
        backup.restore(self, source)

    def close(self) -> None:
        """Let go of the folder."""
        self._lease.close()
        self._copy.close()

    @contextmanager
    def _shard(self) -> Iterator[OpenShard]:
        """The open shard for a call that reads. Raises UnknownCollectionError where there is none."""
        self._check_exists()
        in_session = self._lease.is_held_here()  # which has seen that the folder can be written
        source = self._lease if in_session or can_be_opened(self._folder) else self._copy
        with edge.our_errors(self._folder), source.use(self._wait_seconds) as opened:
            yield opened

    @contextmanager
    def _shard_to_write(self) -> Iterator[OpenShard]:
        """The open shard for a call that writes. Raises UnknownCollectionError where there is none."""
        self._check_exists()
        with edge.our_errors(self._folder), self._lease.use(self._wait_seconds) as opened:
            yield opened

    def _check_exists(self) -> None:
        if not self.exists():
            raise UnknownCollectionError(
                f"There is no collection in {self._folder} yet. Create it with `trsllava index FOLDER`."
            )

    def _alone(self, step: Callable[[OpenShard | None], OpenShard | None]) -> None:
        with edge.our_errors(self._folder):
            self._lease.alone(step, self._wait_seconds)

    def _copied(self) -> Draft | None:
        """A copy of the collection, None where there is nothing to optimise."""
        drafts: list[Draft] = []

        def copy(opened: OpenShard | None) -> OpenShard:
            opened = opened or OpenShard.load(self._folder)
            if opened.journal.size() and opened.count() >= WORTH_INDEXING:
                drafts.append(Draft.copy(self._folder, opened))
            return opened

        self._alone(copy)
        return drafts[0] if drafts else None

    def _replace(self, draft: Draft) -> None:
        """Let the optimised draft catch up with the collection, and put it in its place."""

        def follow(opened: OpenShard | None) -> OpenShard:
            opened = opened or OpenShard.load(self._folder)
            draft.follow(opened)
            return opened

        def take_over(opened: OpenShard | None) -> OpenShard | None:
            if not self.exists() or manifest.read(self._folder) != draft.original:
                return opened  # dropped or restored meanwhile: the draft is of no more use
            opened = follow(opened)
            draft.take_over()
            opened.close()
            sweep(self._folder, keep=manifest.read(self._folder).shard_folder(self._folder))
            return None

        while draft.behind():
            self._alone(follow)
        self._alone(take_over)


def _beside(folder: Path, build: str) -> Path:
    return folder / f"beside-{build}"


def _lease_on(folder: Path) -> Lease[OpenShard]:
    return Lease(folder, partial(OpenShard.load, folder), OpenShard.close)
