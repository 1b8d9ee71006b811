"""Text encoder on torch: any sentence-transformers model, on any device."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trsllava.encoders.distinct import encode_distinct
from trsllava.encoders.limits import warn_of_cut
from trsllava.encoders.protocol import FloatArray

_BATCH = 64


class TorchTextEncoder:
    """A sentence-transformers model run by sentence-transformers itself."""

    def __init__(self, name: str, folder: Path, device: str) -> None:
        from sentence_transformers import SentenceTransformer

        self.name = name
        self._model = SentenceTransformer(str(folder), device=device)
        self.dim = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows; over-long texts are counted and warned of."""
        self._cut = 0
        vectors = encode_distinct(texts, self._encode_batch, dim=self.dim, batch_size=_BATCH)
        warn_of_cut(self._cut, len(set(texts)), self._model.max_seq_length or 0)
        return vectors

    def _encode_batch(self, texts: list[str]) -> FloatArray:
        limit = self._model.max_seq_length
        if limit:
            lengths = [len(ids) for ids in self._model.tokenizer(texts, truncation=False, verbose=False)["input_ids"]]
            self._cut += sum(length > limit for length in lengths)
        vectors = self._model.encode(texts, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)
