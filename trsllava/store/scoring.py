"""Scores of every tile by arithmetic over the stored vectors.

An engine answers a query by a list of objects, and over all tiles those lists cost far more than the arithmetic. The
scores are the store's own to rounding; congruence tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trsllava.records import Branch
from trsllava.store.protocol import FloatArray, QueryVector, Scored, SparseVector, TilePoint

MANY = 32
"""From this number of queries on, fetching all vectors is cheaper than asking the engine for each."""

_BLOCK = 64


@dataclass(frozen=True)
class StoredVectors:
    """The vectors of n tiles, all of a collection or some, by branch. Of some, scores are those that a collection of
    them alone would give."""

    ids: list[str]
    """Sorted."""
    dense: _Rows
    image: _Rows
    bm25: _Postings

    @classmethod
    def of(cls, points: Iterable[TilePoint]) -> StoredVectors:
        """Those of these tiles."""
        tiles = sorted(points, key=lambda tile: tile.id)
        described = [tile for tile in tiles if len(tile.dense)]
        seen = [(tile.id, tile.image[None]) for tile in tiles if tile.image is not None]
        return cls(
            [tile.id for tile in tiles],
            _Rows.of([tile.id for tile in described], [tile.dense for tile in described]),
            _Rows.of([tile for tile, _ in seen], [row for _, row in seen]),
            _Postings.of([tile for tile in tiles if tile.sparse.indices.size]),
        )

    def scored(self, branch: Branch, vectors: Sequence[QueryVector]) -> list[Scored]:
        """What `exact` answers over all tiles, one `Scored` a query vector."""
        if branch == "bm25":
            terms = [vector for vector in vectors if isinstance(vector, SparseVector)]
            rows = self.bm25.scores(terms)
            return [_in_order(self.bm25.ids, row, kept=row != 0) for row in rows]
        known = self.dense if branch == "dense" else self.image
        cosines = known.cosines([vector for vector in vectors if not isinstance(vector, SparseVector)])
        return [_in_order(known.ids, row) for row in cosines]

    def scores(self, branch: Branch, vector: QueryVector) -> FloatArray:
        """`(n,)` in the order of `ids`; NaN where a tile is not known, 0 where it shares no word with the query."""
        if isinstance(vector, SparseVector):
            known, (row,), missing = self.bm25.ids, self.bm25.scores([vector]), 0.0
        else:
            rows = self.dense if branch == "dense" else self.image
            known, (row,), missing = rows.ids, rows.cosines([vector]), np.nan
        if len(known) == len(self.ids):
            return row
        scores = np.full(len(self.ids), missing, np.float32)
        scores[np.searchsorted(np.array(self.ids), known.astype(str))] = row
        return scores


@dataclass(frozen=True)
class _Rows:
    """n tiles' vectors."""

    ids: NDArray[np.object_]
    """`(n,)`, sorted."""
    vectors: FloatArray
    """`(m, d)`, those of a tile one after the other."""
    starts: NDArray[np.intp]
    """`(n,)`: where each tile's begin."""

    @classmethod
    def of(cls, ids: Sequence[str], vectors: Sequence[FloatArray]) -> _Rows:
        """`vectors`: `(v, d)` of each tile."""
        rows = np.concatenate(vectors) if vectors else np.empty((0, 0), np.float32)
        return cls(np.array(ids, object), rows, np.cumsum([0, *map(len, vectors)])[:-1])

    def cosines(self, queries: Sequence[FloatArray]) -> Iterator[FloatArray]:
        """For each query the `(n,)` maxima over each tile's rows."""
        if not len(self.ids):
            yield from (np.empty(0, np.float32) for _ in queries)
            return
        for first in range(0, len(queries), _BLOCK):
            similarity = np.stack(queries[first : first + _BLOCK]) @ self.vectors.T
            yield from np.maximum.reduceat(similarity, self.starts, axis=1)


@dataclass(frozen=True)
class _Postings:
    """n documents by their terms."""

    ids: NDArray[np.object_]
    """`(n,)`, sorted."""
    terms: NDArray[np.uint32]
    """`(p,)` of all documents, sorted."""
    documents: NDArray[np.intp]
    """`(p,)`: the place in `ids` of the document that has the term."""
    weights: FloatArray
    """`(p,)`: its weight there."""

    @classmethod
    def of(cls, tiles: Sequence[TilePoint]) -> _Postings:
        """`tiles`: those that have terms, sorted by id."""
        ids = np.array([tile.id for tile in tiles], object)
        if not tiles:
            return cls(ids, np.empty(0, np.uint32), np.empty(0, np.intp), np.empty(0, np.float32))
        terms = np.concatenate([tile.sparse.indices for tile in tiles])
        weights = np.concatenate([tile.sparse.values for tile in tiles])
        documents = np.repeat(np.arange(len(tiles)), [tile.sparse.indices.size for tile in tiles])
        order = np.argsort(terms, kind="stable")
        return cls(ids, terms[order], documents[order], weights[order])

    def scores(self, queries: Sequence[SparseVector]) -> Iterator[FloatArray]:
        """For each query the `(n,)` sums of idf · query weight · document weight over shared terms.

        idf = ln(1 + (N - n + 0.5) / (n + 0.5)), N documents of which n have the term: Robertson & Zaragoza 2009,
        eq. 3.5, with the 1 that Lucene and Qdrant add. Summed in double, term by term, and rounded once: a float32
        product rounds by the place of a document among the others, which at scores above 16 is more than a tie, so
        equal documents would differ.
        """
        total = len(self.ids)
        for query in queries:
            sums = np.zeros(total)
            firsts = np.searchsorted(self.terms, query.indices, side="left")
            lasts = np.searchsorted(self.terms, query.indices, side="right")
            for first, last, weight in zip(firsts, lasts, query.values.astype(float), strict=True):
                idf = np.log1p((total - (last - first) + 0.5) / (last - first + 0.5))
                sums[self.documents[first:last]] += idf * weight * self.weights[first:last]
            yield sums.astype(np.float32)


def _in_order(ids: NDArray[np.object_], scores: FloatArray, kept: NDArray[np.bool_] | None = None) -> Scored:
    """Best first; `ids` are sorted, so a stable order breaks ties by id."""
    order = np.argsort(-scores, kind="stable")
    if kept is not None:
        order = order[kept[order]]
    return Scored(ids[order].tolist(), scores[order])
