"""The last stage: captioned tiles into the vector store, beside the captioning of the next ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from indexer.points import bm25_document, tile_points
from indexer.progress import Progress
from trsllava.encoders.bm25 import Bm25Encoder, mean_length
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import CollectionMismatchError
from trsllava.ledger.ledger import CollectionSchema, Ledger
from trsllava.records import TileRecord
from trsllava.store.protocol import StoreSchema, VectorStore

BATCH = 256
_OPTIMIZE_EVERY = 20_000


@dataclass
class _Timings:
    encode: float = 0.0
    upsert: float = 0.0
    optimize: float = 0.0


class StoringStage:
    """Encodes and upserts batches of tiles in one background thread; the ledger is written by the caller's thread.

    Order: ledger row, upsert (durable on return), then `stored`: a kill in between is mended by `reconcile`.
    """

    def __init__(
        self, ledger: Ledger, store: VectorStore, encoder: TextEncoder, on_stored: Callable[[int], None]
    ) -> None:
        self._ledger, self._store, self._encoder, self._on_stored = ledger, store, encoder, on_stored
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storing")
        self._running: Future[list[str]] | None = None
        self._waiting: list[str] = []
        self._since_optimize = 0
        self.stored = 0
        self.seconds = _Timings()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Let the batch under way end and note it; after an error the next run stores what still waits."""
        try:
            if kind is None:
                self.finish()
        finally:
            try:
                self._collect()  # also where `finish` was interrupted
            finally:
                self._thread.shutdown(wait=True, cancel_futures=True)

    def add(self, tile_id: str) -> None:
        """Hand over a tile whose text is in the ledger; a full batch is started as soon as the thread is free."""
        self._waiting.append(tile_id)
        if len(self._waiting) >= BATCH and (self._running is None or self._running.done()):
            self._start()

    def finish(self) -> None:
        """Store everything that waits and build the index."""
        while self._waiting:
            self._start()
        self._collect()
        if self.stored:
            self._thread.submit(self._optimize).result()

    def _start(self) -> None:
        self._collect()
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        records = [record for record in self._ledger.records(batch).values() if record.state == "captioned"]
        if not records:
            return
        schema = self._ledger.schema() or self._establish(records)
        self._running = self._thread.submit(self._store_batch, records, schema)

    def _collect(self) -> None:
        if self._running is None:
            return
        running = self._running
        try:
            ids = running.result()
        except Exception:
            self._running = None
            raise
        self._ledger.mark_stored(ids)
        self._running = None  # only now: an interrupt before leaves the batch to be collected again
        self.stored += len(ids)
        self._on_stored(self.stored)

    def _establish(self, records: Sequence[TileRecord]) -> CollectionSchema:
        schema = CollectionSchema(
            encoder=self._encoder.name,
            dense_dim=self._encoder.dim,
            average_length=mean_length(bm25_document(record.text) for record in records if record.text),
        )
        self._store.create(StoreSchema(schema.dense_dim))
        self._ledger.set_schema(schema)
        return schema

    def _store_batch(self, records: list[TileRecord], schema: CollectionSchema) -> list[str]:
        start = time.perf_counter()
        points = tile_points(records, self._encoder, Bm25Encoder(schema.average_length))
        encoded = time.perf_counter()
        self._store.upsert(points)
        self.seconds.encode += encoded - start
        self.seconds.upsert += time.perf_counter() - encoded
        self._since_optimize += len(points)
        if self._since_optimize >= _OPTIMIZE_EVERY:
            self._optimize()
        return [point.id for point in points]

    def _optimize(self) -> None:
        start = time.perf_counter()
        self._store.optimize()
        self._since_optimize = 0
        self.seconds.optimize += time.perf_counter() - start


def check_encoder(schema: CollectionSchema | None, encoder: TextEncoder) -> None:
    """Raises CollectionMismatchError where a collection was built with another encoder."""
    if schema is not None and (schema.encoder, schema.dense_dim) != (encoder.name, encoder.dim):
        raise CollectionMismatchError(
            f"The collection was built with {schema.encoder} ({schema.dense_dim} dimensions), not with "
            f"{encoder.name} ({encoder.dim}). Leave --encoder out to keep it, or run "
            f"`trsllava reindex --encoder {encoder.name}` to encode the stored captions anew."
        )


def reconcile(ledger: Ledger, store: VectorStore) -> list[str]:
    """Make ledger and store agree after pruning, a kill, a lost store or a restored one.

    The ledger is right: tiles the store lacks are stored again, tiles the ledger does not know are deleted.
    Returns the ids of all tiles that are yet to be stored.
    """
    schema = ledger.schema()
    orphans = ledger.forget_orphans()
    if schema is None:
        return ledger.ids("captioned")
    if not store.exists():
        ledger.mark_captioned()
        store.create(StoreSchema(schema.dense_dim))
    store.delete(orphans)
    stored = set(ledger.ids("stored"))
    if store.count() != len(stored):
        held = set(store.ids())
        ledger.mark_captioned(sorted(stored - held))
        store.delete(sorted(held - stored - set(ledger.ids("captioned"))))
    return ledger.ids("captioned")


def store_waiting(ledger: Ledger, store: VectorStore, encoder: TextEncoder) -> int:
    """Store every captioned tile that the vector store lacks; returns their number.

    Raises CollectionMismatchError for another encoder than the collection's.
    """
    check_encoder(ledger.schema(), encoder)
    with StoringStage(ledger, store, encoder, lambda done: None) as storing:
        for tile_id in reconcile(ledger, store):
            storing.add(tile_id)
    return storing.stored


def rebuild(ledger: Ledger, store: VectorStore, encoder: TextEncoder, progress: Progress) -> int:
    """Fill an empty store from the ledger, with any encoder; returns the number of tiles stored.

    After a kill in the middle the next run, of this or of `index`, goes on from where it was.
    """
    texts = (record.text for record in ledger.scan() if record.text is not None)
    schema = CollectionSchema(
        encoder=encoder.name,
        dense_dim=encoder.dim,
        average_length=mean_length(bm25_document(text) for text in texts),
    )
    ledger.mark_captioned()
    store.drop()  # before the schema changes: a store without its schema would be filled with two encoders' vectors
    ledger.set_schema(schema)
    store.create(StoreSchema(schema.dense_dim))
    waiting = ledger.ids("captioned")
    with StoringStage(ledger, store, encoder, lambda done: progress("store", done, len(waiting))) as storing:
        for tile_id in waiting:
            storing.add(tile_id)
    return storing.stored
