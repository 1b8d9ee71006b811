"""Sparse BM25 vectors; their inverse document frequencies are the store's affair."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import qdrant_edge

from trsllava.store.protocol import SparseVector

_K = 1.2
_B = 0.75


class Bm25Encoder:
    """BM25 term weights (Robertson & Zaragoza, 2009) of English texts: stemmed, stop words dropped."""

    def __init__(self, average_length: float) -> None:
        """`average_length`: mean document length in terms, measured once a collection and kept with it."""
        self._model = qdrant_edge.Bm25(qdrant_edge.Bm25Config(k=_K, b=_B, avg_len=max(average_length, 1.0)))

    def document(self, text: str) -> SparseVector:
        """Saturated, length-normalised term frequencies of a document."""
        return _sparse(self._model.embed_document(text))

    def query(self, text: str) -> SparseVector:
        """The distinct terms of a query, each of weight 1; empty where it has none."""
        return _sparse(self._model.embed_query(text))


def mean_length(texts: Iterable[str]) -> float:
    """Mean number of terms of the texts, as the BM25 tokenizer counts them; 1 where there are none."""
    # Without length normalisation a weight is w = tf (k + 1) / (tf + k), which gives the frequency back.
    counter = qdrant_edge.Bm25(qdrant_edge.Bm25Config(k=_K, b=0.0))
    lengths = []
    for text in texts:
        weights = np.array(counter.embed_document(text).values, np.float64)
        lengths.append(float((_K * weights / (_K + 1 - weights)).sum()))
    return float(np.mean(lengths)) if lengths else 1.0


def _sparse(vector: qdrant_edge.SparseVector) -> SparseVector:
    return SparseVector(np.array(vector.indices, np.uint32), np.array(vector.values, np.float32))
