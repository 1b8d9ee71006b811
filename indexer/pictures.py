"""The stage between captions and store: pictures to vectors, beside the captioning of the next ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from trsllava.encoders.protocol import FloatArray, ImageTextEncoder
from trsllava.errors import ImageError
from trsllava.ledger.ledger import Ledger
from trsllava.raster.tile_picture import read_tile
from trsllava.records import Picture, TileRecord

BATCH = 32
_AT_ONCE = 16
_READERS = 2
_LONGEST = 1024
"""Pixels a side: encoders look at far smaller pictures, and whole scenes would fill the memory."""


@dataclass
class _Seen:
    """What became of a batch of tiles."""

    ids: list[str]
    vectors: dict[str, FloatArray] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


class PictureStage:
    """Reads and encodes pictures in background threads; the ledger is written by the caller's thread.

    A tile is handed on to the store once its vector is in the ledger, or, where its picture cannot be read, without.
    """

    def __init__(self, ledger: Ledger, encoder: ImageTextEncoder, hand_on: Callable[[str], None]) -> None:
        self.encoder = encoder
        self._ledger, self._hand_on = ledger, hand_on
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="seeing")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="reading")
        self._running: Future[_Seen] | None = None
        self._waiting: list[str] = []
        self.unread: dict[str, str] = {}
        """Tiles that were handed on without a vector, and why."""
        self.seconds = 0.0

    def add(self, tile_id: str) -> None:
        """Hand over a tile; a full batch is started as soon as the thread is free."""
        self._waiting.append(tile_id)
        if len(self._waiting) >= BATCH and (self._running is None or self._running.done()):
            self._start()

    def finish(self) -> None:
        """See everything that waits, and hand it on."""
        while self._waiting:
            self._start()
        self._collect()

    def close(self) -> None:
        """Let the batch under way end and keep its vectors; after an error the next run goes on from there."""
        try:
            self._keep()
        finally:
            self._thread.shutdown(wait=True, cancel_futures=True)
            self._readers.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> None:
        self._collect()
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        known = self._ledger.image_vectors(batch, self.encoder.name)
        records = self._ledger.records([tile_id for tile_id in batch if tile_id not in known])
        self._running = self._thread.submit(self._see, batch, list(records.values()))

    def _collect(self) -> None:
        seen = self._keep()
        self.unread |= seen.unread
        for tile_id in seen.ids:
            self._hand_on(tile_id)

    def _keep(self) -> _Seen:
        """The batch under way, once its vectors are in the ledger."""
        if self._running is None:
            return _Seen([])
        try:
            seen = self._running.result()
        except Exception:
            self._running = None
            raise
        self._ledger.record_image_vectors(self.encoder.name, seen.vectors)
        self._running = None  # only now: an interrupt before leaves the batch to be kept again
        return seen

    def _see(self, ids: list[str], records: Sequence[TileRecord]) -> _Seen:
        """Runs in the background: the next pictures are read while these are encoded."""
        start = time.perf_counter()
        seen = _Seen(ids)
        pictures = zip(records, self._readers.map(_picture, records), strict=True)
        while group := list(islice(pictures, _AT_ONCE)):
            seen.unread |= {str(record.tile.id): found for record, found in group if isinstance(found, str)}
            readable = {str(record.tile.id): found for record, found in group if not isinstance(found, str)}
            vectors = self.encoder.encode_images(list(readable.values()))
            seen.vectors |= dict(zip(readable, vectors, strict=True))
        self.seconds += time.perf_counter() - start
        return seen


def _picture(record: TileRecord) -> Picture | str:
    """A tile's picture, or the reason why there is none at the moment."""
    try:
        return read_tile(record.tile, record.paths, longest=_LONGEST)
    except ImageError as error:
        return str(error)
