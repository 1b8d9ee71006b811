"""Tiles whose vectors are held in memory, for whoever scores one text after the other with all of them.

A store answers with a list of objects, which for ten thousand tiles costs many times the arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csc_array

from trsllava.records import Branch
from trsllava.store.protocol import FloatArray, QueryVector, SparseVector


class TilesInMemory:
    """n tiles. Scores are the store's own to rounding, were these all the tiles that it has."""

    def __init__(
        self,
        ids: Sequence[str],
        captions: Mapping[str, FloatArray],
        words: Sequence[SparseVector],
        pictures: FloatArray | None = None,
    ) -> None:
        """`captions`: `(v, d)` a tile, which some may lack; `words`: n documents; `pictures`: `(n, d)`, NaN for a tile
        without; all float32."""
        self.ids = tuple(ids)
        known = [(number, captions[tile]) for number, tile in enumerate(ids) if len(captions.get(tile, ()))]
        self._captioned = np.array([number for number, _ in known], np.intp)
        self._captions = np.concatenate([rows for _, rows in known]) if known else np.empty((0, 0), np.float32)
        self._starts = np.cumsum([0, *(len(rows) for _, rows in known)])[:-1]
        self._pictures = pictures
        self._terms, self._words = _by_term(words)

    def score(self, branch: Branch, vector: QueryVector) -> FloatArray:
        """`(n,)` float32, as `VectorStore` scores; NaN for a tile that the branch knows nothing of."""
        if isinstance(vector, SparseVector):
            return self._by_words(vector)
        if branch == "image":
            assert self._pictures is not None  # the collection has image vectors, or nobody would ask
            return np.asarray(self._pictures @ vector, np.float32)
        scores = np.full(len(self.ids), np.nan, np.float32)
        if len(self._captioned):
            scores[self._captioned] = np.maximum.reduceat(self._captions @ vector, self._starts)
        return scores

    def _by_words(self, query: SparseVector) -> FloatArray:
        """BM25 as in `store.scoring`."""
        place = np.searchsorted(self._terms, query.indices)
        asked = [
            (int(column), float(weight))
            for column, term, weight in zip(place, query.indices, query.values, strict=True)
            if column < len(self._terms) and self._terms[column] == term
        ]
        scores = np.zeros(len(self.ids))
        for column, weight in asked:
            having = slice(self._words.indptr[column], self._words.indptr[column + 1])
            count = having.stop - having.start
            idf = np.log1p((len(self.ids) - count + 0.5) / (count + 0.5))
            scores[self._words.indices[having]] += weight * idf * self._words.data[having]
        return scores.astype(np.float32)


def _by_term(documents: Sequence[SparseVector]) -> tuple[np.ndarray[tuple[int], np.dtype[np.uint32]], csc_array]:
    """The terms of all documents, sorted, and a matrix of a row a document and a column a term."""
    indices = [document.indices for document in documents]
    terms, columns = np.unique(np.concatenate([*indices, np.empty(0, np.uint32)]), return_inverse=True)
    rows = np.repeat(np.arange(len(documents)), [len(own) for own in indices])
    weights = np.concatenate([*(document.values for document in documents), np.empty(0, np.float32)])
    return terms, csc_array((weights, (rows, columns)), shape=(len(documents), len(terms)))
