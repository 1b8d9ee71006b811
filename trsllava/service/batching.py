"""Texts of many requests encoded together, and vectors remembered."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue

import numpy as np

from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.service.metrics import Metrics

_MOST = 128
"""Texts encoded at once."""


class Remembered:
    """The vectors `(d,)` of the texts that were used last. Thread-safe."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._vectors: OrderedDict[str, FloatArray] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, texts: Sequence[str]) -> dict[str, FloatArray]:
        """Those of the texts that are remembered."""
        with self._lock:
            found = {text: self._vectors[text] for text in texts if text in self._vectors}
            for text in found:
                self._vectors.move_to_end(text)
        return found

    def put(self, vectors: dict[str, FloatArray]) -> None:
        """Remember these, and forget the ones that were not used for the longest time."""
        with self._lock:
            self._vectors.update(vectors)
            while len(self._vectors) > self._size:
                self._vectors.popitem(last=False)


class BatchingEncoder:
    """A text encoder shared by many threads: what arrives while a batch is being encoded makes up the next one, so
    that no text waits for longer than a batch takes, and none for company."""

    def __init__(self, encoder: TextEncoder, *, remembered: int, metrics: Metrics) -> None:
        """`remembered`: the number of texts whose vectors are kept."""
        self._encoder, self._metrics = encoder, metrics
        self._remembered = Remembered(remembered)
        self._waiting: SimpleQueue[tuple[list[str], Future[dict[str, FloatArray]]]] = SimpleQueue()
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """The encoder's."""
        return self._encoder.name

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._encoder.dim

    def waiting(self) -> int:
        """Number of requests whose texts wait to be encoded."""
        return self._waiting.qsize()

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows, in the given order."""
        if not texts:
            return np.empty((0, self.dim), np.float32)
        known = self._remembered.get(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        self._metrics.cached.inc(len(known))
        if missing:
            vectors = self._encoded(missing)
            self._remembered.put(vectors)
            known |= vectors
        return np.stack([known[text] for text in texts])

    def _encoded(self, texts: list[str]) -> dict[str, FloatArray]:
        """The vectors of texts, encoded by this thread or by one whose turn comes before."""
        future: Future[dict[str, FloatArray]] = Future()
        self._waiting.put((texts, future))
        while not future.done():
            with self._turn:
                if not future.done():
                    self._encode_waiting()
        return future.result()

    def _encode_waiting(self) -> None:
        """Encode what waits, as one batch."""
        asked = self._taken()
        batch = list(dict.fromkeys(text for texts, _ in asked for text in texts))
        self._metrics.encoded.inc(len(batch))
        self._metrics.batches.observe(len(batch))
        try:
            rows = dict(zip(batch, self._encoder.encode(batch), strict=True))
        except Exception as error:
            for _, future in asked:
                future.set_exception(error)
        else:
            for texts, future in asked:
                future.set_result({text: rows[text] for text in texts})

    def _taken(self) -> list[tuple[list[str], Future[dict[str, FloatArray]]]]:
        """What waits, oldest first: at least one request, and no more than fit into a batch."""
        asked = []
        size = 0
        while size < _MOST:
            try:
                asked.append(self._waiting.get_nowait())
            except Empty:
                break
            size += len(asked[-1][0])
        return asked
