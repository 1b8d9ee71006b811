"""The last stage: captioned tiles into the vector store, beside the captioning of the next ones."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from indexer.pictures import PictureStage
from indexer.points import bm25_document, tile_points
from indexer.progress import Progress
from indexer.vocabulary import count_words
from trsllava.encoders.bm25 import Bm25Encoder, mean_length
from trsllava.encoders.image_text import NO_IMAGES, is_shipped_nano
from trsllava.encoders.protocol import FloatArray, ImageTextEncoder, TextEncoder
from trsllava.errors import Call, CollectionMismatchError, Parameter
from trsllava.ledger.ledger import Build, CollectionSchema, Ledger
from trsllava.records import RichText, TileRecord
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

    Order: ledger row, upsert (durable on return), then `stored`: a kill in between is mended by `reconcile`. With an
    image encoder a tile's picture is seen first, in a stage of its own.
    """

    def __init__(
        self,
        ledger: Ledger,
        store: VectorStore,
        encoder: TextEncoder,
        image_encoder: ImageTextEncoder | None,
        on_stored: Callable[[int], None],
    ) -> None:
        self._ledger, self._store, self._encoder, self._on_stored = ledger, store, encoder, on_stored
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storing")
        self._running: Future[list[str]] | None = None
        self._waiting: list[str] = []
        self._since_optimize = 0
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
        if self._pictures:
            self._pictures.add(tile_id)
        else:
            self._enqueue(tile_id)

    def _enqueue(self, tile_id: str) -> None:
        self._waiting.append(tile_id)
        if len(self._waiting) >= BATCH and (self._running is None or self._running.done()):
            self._start()

    def finish(self) -> None:
        """Store everything that waits and build the index."""
        if self._pictures:
            self._pictures.finish()
        while self._waiting:
            self._start()
        self._collect()
        if self.stored:
            self._thread.submit(self._optimize).result()

    def _start(self) -> None:
        self._collect()
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        records = [record for record in self._ledger.records(batch).values() if self._is_wanted(record)]
        if not records:
            return
        schema = self._schema_of(records)
        images = self._ledger.image_vectors(batch, schema.image_encoder) if self._pictures else {}
        self._running = self._thread.submit(self._store_batch, records, images, schema)

    def _collect(self) -> None:
        if self._running is None:
            return
        running = self._running
        try:
            ids = running.result()
        except Exception:
            self._running = None
            raise
        self._note(ids)
        self._running = None  # only now: an interrupt before leaves the batch to be collected again
        self.stored += len(ids)
        self._on_stored(self.stored)

    def _is_wanted(self, record: TileRecord) -> bool:
        return record.state == "captioned"

    def _note(self, ids: Sequence[str]) -> None:
        self._ledger.mark_stored(ids)

    def _schema_of(self, records: Sequence[TileRecord]) -> CollectionSchema:
        """What the collection is built with, settled by its first batch."""
        schema = self._ledger.schema()
        if schema is not None:
            return schema
        texts = [record.text for record in records if record.text]
        schema = _schema(self._encoder, self._pictures.encoder if self._pictures else None, texts)
        self._store.create(StoreSchema(schema.dense_dim, schema.image_dim))
        self._ledger.set_schema(schema)
        return schema

    def _store_batch(
        self, records: list[TileRecord], images: Mapping[str, FloatArray], schema: CollectionSchema
    ) -> list[str]:
        start = time.perf_counter()
        points = tile_points(records, self._encoder, Bm25Encoder(schema.average_length), images)
        encoded = time.perf_counter()
        self._store.upsert(points)
        self._seconds.encode += encoded - start
        self._seconds.upsert += time.perf_counter() - encoded
        self._since_optimize += len(points)
        if self._since_optimize >= _OPTIMIZE_EVERY:
            self._optimize()
        return [point.id for point in points]

    def _optimize(self) -> None:
        start = time.perf_counter()
        self._store.optimize()
        self._since_optimize = 0
        self._seconds.optimize += time.perf_counter() - start


def check_encoder(schema: CollectionSchema | None, encoder: TextEncoder) -> None:
    """Raises CollectionMismatchError where a collection was built with another encoder."""
    if schema is not None and (schema.encoder, schema.dense_dim) != (encoder.name, encoder.dim):
        raise CollectionMismatchError(
            f"The collection was built with {schema.encoder} ({schema.dense_dim} dimensions), not with "
            f"{encoder.name} ({encoder.dim}). Leave ",
            Parameter("encoder"),
            " out to keep it, or run ",
            Call("reindex", {"encoder": encoder.name}),
            " to encode the stored captions anew.",
        )


def check_image_encoder(schema: CollectionSchema | None, encoder: ImageTextEncoder | None) -> None:
    """Raises CollectionMismatchError where a collection was built with another image encoder, or with none."""
    name, dim = (encoder.name, encoder.dim) if encoder else ("", None)
    if schema is not None and (schema.image_encoder, schema.image_dim) != (name, dim):
        updated = is_shipped_nano(schema.image_encoder) and is_shipped_nano(name)  # nothing can bring the old one back
        raise CollectionMismatchError(
            f"The collection was built with {_image_words(schema.image_encoder, schema.image_dim)}, not with "
            f"{_image_words(name, dim)}. ",
            *(("Run ",) if updated else ("Leave ", Parameter("image_encoder"), " out to keep it, or run ")),
            Call("reindex", {"image_encoder": name or NO_IMAGES}),
            " to look at the pictures anew.",
        )


def _image_words(name: str, dim: int | None) -> str:
    return f"the image encoder {name} ({dim} dimensions)" if name else "no image encoder"


def _schema(
    encoder: TextEncoder, image_encoder: ImageTextEncoder | None, texts: Iterable[RichText]
) -> CollectionSchema:
    """What a collection of such texts is built with."""
    return CollectionSchema(
        encoder=encoder.name,
        dense_dim=encoder.dim,
        average_length=mean_length(map(bm25_document, texts)),
        image_encoder=image_encoder.name if image_encoder else "",
        image_dim=image_encoder.dim if image_encoder else None,
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
        store.create(StoreSchema(schema.dense_dim, schema.image_dim))
    store.delete(orphans)
    stored = set(ledger.ids("stored"))
    if store.count() != len(stored):
        held = set(store.ids())
        ledger.mark_captioned(sorted(stored - held))
        store.delete(sorted(held - stored - set(ledger.ids("captioned"))))
    return ledger.ids("captioned")


def store_waiting(
    ledger: Ledger, store: VectorStore, encoder: TextEncoder, image_encoder: ImageTextEncoder | None = None
) -> int:
    """Store every captioned tile that the vector store lacks; returns their number.

    Raises CollectionMismatchError for another encoder than the collection's.
    """
    check_encoder(ledger.schema(), encoder)
    check_image_encoder(ledger.schema(), image_encoder)
    with StoringStage(ledger, store, encoder, image_encoder, lambda done: None) as storing:
        for tile_id in reconcile(ledger, store):
            storing.add(tile_id)
    return storing.stored


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild did."""

    stored: int
    unseen: Mapping[str, str]
    """Tiles that got no image vector, for their pictures cannot be read at the moment, and why."""
    seconds: Mapping[str, float]
    """Wall time by stage; stages overlap."""


def rebuild(
    ledger: Ledger,
    store: VectorStore,
    encoder: TextEncoder,
    image_encoder: ImageTextEncoder | None,
    progress: Progress,
) -> Rebuilt:
    """Fill an empty store from the ledger, with any encoders; pictures that this image encoder has seen before are
    not looked at again.

    It is filled beside the one that answers and takes its place when it is whole, in one step. A kill leaves what was
    there; `settle` sweeps the rest.
    """
    settle(ledger, store)
    count_words(ledger, progress)
    texts = (record.text for record in ledger.scan() if record.text is not None)
    schema = _schema(encoder, image_encoder, texts)
    build = Build(name=uuid.uuid4().hex, made_with=schema)
    ledger.begin_build(build)  # before the swap: from then on queries are encoded as the new build's captions are
    ids = sorted([*ledger.ids("stored"), *ledger.ids("captioned")])

    def tell(done: int) -> None:
        progress("store", done, len(ids))

    with store.beside(build.name, StoreSchema(schema.dense_dim, schema.image_dim)) as beside:
        stage = _RebuildingStage(ledger, beside, encoder, image_encoder, tell, schema)
        with stage as storing:
            for tile_id in ids:
                storing.add(tile_id)
    store.swap(build.name)
    ledger.end_build(stored=ids)
    return Rebuilt(storing.stored, storing.unseen, storing.seconds)


def settle(ledger: Ledger, store: VectorStore) -> None:
    """End a rebuild that was killed: where it had taken the old build's place, note so, else sweep what it left.

    Called by whoever writes next, and by nobody else: the rebuild might be under way.
    """
    begun = ledger.begun_build()
    if begun is None:
        return
    if store.build() == begun.name:
        ledger.end_build(stored=[])  # tiles that had waited are stored again
    else:
        ledger.give_up_build()
    store.sweep()


class _RebuildingStage(StoringStage):
    """Fills a store beside the one that answers: the ledger goes on telling what that one holds."""

    def __init__(
        self,
        ledger: Ledger,
        store: VectorStore,
        encoder: TextEncoder,
        image_encoder: ImageTextEncoder | None,
        on_stored: Callable[[int], None],
        schema: CollectionSchema,
    ) -> None:
        super().__init__(ledger, store, encoder, image_encoder, on_stored)
        self._made_with = schema

    def _is_wanted(self, record: TileRecord) -> bool:
        return record.text is not None

    def _note(self, ids: Sequence[str]) -> None:
        """Noted all together, after the swap."""

    def _schema_of(self, _: Sequence[TileRecord]) -> CollectionSchema:
        return self._made_with
