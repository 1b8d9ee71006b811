"""The last stage: captioned tiles into the vector store, beside the captioning of the next ones."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, islice
from types import TracebackType
from typing import Self

from indexer.built_with import check_encoder, check_image_encoder, schema_of
from indexer.pictures import PictureStage
from indexer.points import tile_points
from indexer.progress import Progress, no_progress
from indexer.recovery import forget_orphans, reconcile
from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.encoders.protocol import FloatArray, ImageTextEncoder, TextEncoder
from trsllava.ledger.builds import CollectionSchema
from trsllava.ledger.ledger import Ledger
from trsllava.records import TileRecord
from trsllava.store.protocol import StoreSchema, VectorStore

BATCH = 256
_MOST_PATHS = 20_000
"""Of the tiles of a batch: where copies of a picture lie in hundreds of places, fewer tiles make a batch."""
_OPTIMIZE_EVERY = 20_000
"""Tiles."""
_MOST_SOURCES = 400_000
"""Files and folders of tiles: those of tiles that were not optimised are in memory, about 300 bytes each."""


@dataclass
class _Timings:
    encode: float = 0.0
    upsert: float = 0.0
    optimize: float = 0.0


class StoringStage:
    """Encodes and upserts batches of tiles in one background thread; the ledger is written by the caller's thread.

    Order: ledger row, upsert (durable on return), then `stored`: a kill in between is mended by `reconcile`, before
    the first tile is stored and no earlier: opening a large store takes seconds, during which nothing would be
    captioned. With an image encoder a tile's picture is seen first, in a stage of its own.
    """

    def __init__(
        self,
        ledger: Ledger,
        store: VectorStore,
        encoder: TextEncoder,
        image_encoder: ImageTextEncoder | None,
        progress: Progress,
    ) -> None:
        self._ledger, self._store, self._encoder, self._progress = ledger, store, encoder, progress
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storing")
        self._running: Future[Sequence[TileRecord]] | None = None
        self._waiting: deque[str] = deque()
        self._is_resumed = False
        self._since_optimize = self._sources_since_optimize = 0
        self._pictures = PictureStage(ledger, image_encoder, self._enqueue) if image_encoder else None
        self.stored = 0
        self._seconds = _Timings()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Let the batch under way end and note it; after an error the next run stores what still waits."""
        try:
            if kind is None:
                self.finish()
        finally:
            try:
                if self._pictures:
                    self._pictures.close()
            finally:
                try:
                    self._collect()  # also where `finish` was interrupted
                finally:
                    self._thread.shutdown(wait=True, cancel_futures=True)

    @property
    def unseen(self) -> dict[str, str]:
        """Tiles that got no image vector, for their pictures cannot be read at the moment, and why."""
        return self._pictures.unread if self._pictures else {}

    @property
    def seconds(self) -> dict[str, float]:
        """Wall time by stage; stages overlap."""
        return ({"see": self._pictures.seconds} if self._pictures else {}) | vars(self._seconds)

    def add(self, tile_id: str) -> None:
        """Hand over a tile whose text is in the ledger; a full batch is started as soon as the thread is free."""
        if tile_id not in self._resume():
            self._hand_over(tile_id)

    def _resume(self) -> Sequence[str]:
        """Take up what earlier runs left, once; returns the ids of it."""
        if self._is_resumed:
            return ()
        self._is_resumed = True
        left_over = self._left_over()
        for tile_id in left_over:
            self._hand_over(tile_id)
        return left_over

    def _left_over(self) -> Sequence[str]:
        return reconcile(self._ledger, self._store)

    def _hand_over(self, tile_id: str) -> None:
        if self._pictures:
            self._pictures.add(tile_id)
        else:
            self._enqueue(tile_id)

    def _enqueue(self, tile_id: str) -> None:
        self._waiting.append(tile_id)
        if len(self._waiting) >= BATCH and (self._running is None or self._running.done()):
            self._start()

    def flush(self) -> None:
        """Store everything that waits, of earlier runs too."""
        self._resume()
        if self._pictures:
            self._pictures.finish()
        while self._waiting:
            self._start()
        self._collect()

    def finish(self) -> None:
        """Store everything that waits and build the index."""
        self.flush()
        if self.stored:
            self._thread.submit(self._optimize).result()

    def _start(self) -> None:
        self._collect()
        batch = self._next_batch()
        records = [record for record in self._ledger.records(batch).values() if self._is_wanted(record)]
        if not records:
            return
        schema = self._schema_of(records)
        images = self._ledger.image_vectors(batch, schema.image_encoder) if self._pictures else {}
        self._running = self._thread.submit(self._store_batch, records, images, schema)

    def _next_batch(self) -> list[str]:
        """The tiles that waited longest, as many as are stored together."""
        first = list(islice(self._waiting, BATCH))
        paths = accumulate(map(self._ledger.count_paths(first).__getitem__, first))
        batch = [tile_id for tile_id, so_many in zip(first, paths, strict=True) if so_many <= _MOST_PATHS] or first[:1]
        for _ in batch:
            self._waiting.popleft()
        return batch

    def _collect(self) -> None:
        if self._running is None:
            return
        running = self._running
        try:
            records = running.result()
        except Exception:
            self._running = None
            raise
        self._note(records)
        self._running = None  # only now: an interrupt before leaves the batch to be collected again
        self.stored += len(records)
        self._progress("store", self.stored, 0)

    def _is_wanted(self, record: TileRecord) -> bool:
        return record.state == "captioned"

    def _note(self, records: Sequence[TileRecord]) -> None:
        """One that was found at another path meanwhile is yet to be stored with it."""
        paths = self._ledger.paths_of([str(record.tile.id) for record in records])
        self._ledger.mark_stored(
            [tile_id for record in records if paths[tile_id := str(record.tile.id)] == record.paths]
        )

    def _schema_of(self, records: Sequence[TileRecord]) -> CollectionSchema:
        """What the collection is built with, settled by its first batch."""
        schema = self._ledger.schema()
        if schema is not None:
            return schema
        texts = [record.text for record in records if record.text]
        schema = schema_of(self._encoder, self._pictures.encoder if self._pictures else None, texts)
        self._store.create(StoreSchema(schema.dense_dim, schema.image_dim))
        self._ledger.set_schema(schema)
        return schema

    def _store_batch(
        self, records: list[TileRecord], images: Mapping[str, FloatArray], schema: CollectionSchema
    ) -> Sequence[TileRecord]:
        start = time.perf_counter()
        points = tile_points(records, self._encoder, Bm25Encoder(schema.average_length), images)
        encoded = time.perf_counter()
        self._store.upsert(points)
        self._seconds.encode += encoded - start
        self._seconds.upsert += time.perf_counter() - encoded
        self._since_optimize += len(points)
        self._sources_since_optimize += sum(len(point.sources) for point in points)
        if self._since_optimize >= _OPTIMIZE_EVERY or self._sources_since_optimize >= _MOST_SOURCES:
            self._optimize()
        return records

    def _optimize(self) -> None:
        start = time.perf_counter()
        self._store.optimize()
        self._since_optimize = self._sources_since_optimize = 0
        self._seconds.optimize += time.perf_counter() - start


def store_waiting(
    ledger: Ledger, store: VectorStore, encoder: TextEncoder, image_encoder: ImageTextEncoder | None = None
) -> int:
    """Store every captioned tile that the vector store lacks; returns their number.

    Raises CollectionMismatchError for another encoder than the collection's.
    """
    check_encoder(ledger.schema(), encoder)
    check_image_encoder(ledger.schema(), image_encoder)
    with StoringStage(ledger, store, encoder, image_encoder, no_progress) as storing:
        forget_orphans(ledger, store)
        storing.flush()
    return storing.stored
