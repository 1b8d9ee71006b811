"""The tiles of a collection as dialogues see them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from trsllava.dialogue.gallery import Presence
from trsllava.dialogue.presence import presence_of
from trsllava.encoders import shipped
from trsllava.encoders.protocol import FloatArray
from trsllava.store.protocol import Scored

_REMEMBERED_BYTES = 32 << 20
"""Of captions' scores. A round asks again for what the round before it scored, and dialogues begin alike."""


class IndexedGallery:
    """As `dialogue.gallery.Gallery` says, of captioned tiles. Thread-safe."""

    def __init__(
        self,
        texts: Mapping[str, Sequence[str]],
        pictures: Mapping[str, FloatArray],
        encoder: str,
        score: Callable[[str], Scored],
    ) -> None:
        """`texts`: by tile. `pictures`: vectors `(d,)` of those that have one, made by the image-text encoder of that
        name. `score`: what a text scores with the tiles; of tiles that were removed since nothing is said."""
        self.ids = tuple(texts)
        self.texts = tuple(map(tuple, texts.values()))
        self._place = {tile: number for number, tile in enumerate(self.ids)}
        self._score = score
        self._rows: OrderedDict[str, FloatArray] = OrderedDict()
        self._most = max(8, _REMEMBERED_BYTES // (4 * max(1, len(self.ids))))
        self._lock = threading.Lock()
        self.vectors: FloatArray | None = None
        self.presence: Presence | None = None
        if pictures:
            seen = self._rows_of(pictures)
            self.presence = presence_of(seen, encoder) if shipped.PRESENCE.exists() else None
            self.vectors = np.nan_to_num(seen)

    def scores(self, text: str) -> FloatArray:
        """As in `Gallery.scores`; a tile that nothing is said of counts as the worst."""
        with self._lock:
            if text in self._rows:
                self._rows.move_to_end(text)
                return self._rows[text]
        row = self._aligned(self._score(text))
        with self._lock:
            self._rows[text] = row
            while len(self._rows) > self._most:
                self._rows.popitem(last=False)
        return row

    def _rows_of(self, pictures: Mapping[str, FloatArray]) -> FloatArray:
        """`(n, d)`; NaN for a tile that was not looked at."""
        unseen = np.full_like(next(iter(pictures.values())), np.nan)
        return np.stack([pictures.get(tile, unseen) for tile in self.ids])

    def _aligned(self, scored: Scored) -> FloatArray:
        worst = scored.scores.min() if len(scored.scores) else 0.0
        row = np.full(len(self.ids), worst, np.float32)
        known = [number for number, tile in enumerate(scored.ids) if tile in self._place]
        row[[self._place[scored.ids[number]] for number in known]] = scored.scores[known]
        return row
