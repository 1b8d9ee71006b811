"""The tiles of a collection as dialogues see them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from trsllava.dialogue.gallery import Presence
from trsllava.encoders.protocol import FloatArray

_REMEMBERED_BYTES = 32 << 20
"""Of captions' scores. A round asks again for what the round before it scored, and dialogues begin alike."""


class IndexedGallery:
    """As `dialogue.gallery.Gallery` says. Thread-safe."""

    def __init__(
        self,
        texts: Mapping[str, Sequence[str]],
        vectors: FloatArray | None,
        presence: Presence | None,
        score: Callable[[str], FloatArray],
    ) -> None:
        """`texts`: of n tiles by id; `vectors`: `(n, d)` float32 of their pictures, NaN for one that was not looked
        at; `score`: what a text scores with the tiles, `(n,)` float32, NaN for a tile that nothing is known of."""
        self.ids = tuple(texts)
        self.texts = tuple(map(tuple, texts.values()))
        self.vectors = None if vectors is None else np.nan_to_num(vectors)
        self.presence = presence
        self._score = score
        self._rows: OrderedDict[str, FloatArray] = OrderedDict()
        self._most = max(8, _REMEMBERED_BYTES // (4 * max(1, len(self.ids))))
        self._lock = threading.Lock()

    def scores(self, text: str) -> FloatArray:
        """As in `Gallery.scores`; a tile that nothing is known of counts as the worst."""
        with self._lock:
            if text in self._rows:
                self._rows.move_to_end(text)
                return self._rows[text]
        found = self._score(text)
        row = np.nan_to_num(found, nan=float(np.nanmin(found, initial=0.0))).astype(np.float32)
        row.setflags(write=False)
        with self._lock:
            self._rows[text] = row
            while len(self._rows) > self._most:
                self._rows.popitem(last=False)
        return row
