"""Scores of every tile for many queries at once: a matrix product over the stored vectors.

An engine answers a query by a list of objects, and for thousands of queries over all tiles those lists cost far more
than the arithmetic. The scores are the store's own to rounding; congruence tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from trsllava.records import Branch
from trsllava.store.protocol import FloatArray, QueryVector, Scored, SparseVector, TilePoint

MANY = 32
"""From this number of queries on, fetching all vectors is cheaper than asking the engine for each."""

_BLOCK = 64


def score_everything(points: Iterable[TilePoint], branch: Branch, vectors: Sequence[QueryVector]) -> list[Scored]:
    """What `exact` answers over all tiles, one `Scored` a query vector."""
    tiles = sorted(points, key=lambda tile: tile.id)
    if branch == "bm25":
        tiles = [tile for tile in tiles if tile.sparse.indices.size]
        scores = _bm25_scores(tiles, [vector for vector in vectors if isinstance(vector, SparseVector)])
    else:
        tiles = [tile for tile in tiles if branch == "dense" or tile.image is not None]
        scores = _cosines(
            [tile.dense if tile.image is None or branch == "dense" else tile.image[None] for tile in tiles],
            [vector for vector in vectors if not isinstance(vector, SparseVector)],
        )
    ids = np.array([tile.id for tile in tiles], object)
    return [_in_order(ids, row, kept=row != 0 if branch == "bm25" else None) for row in scores]


def _in_order(ids: NDArray[np.object_], scores: FloatArray, kept: NDArray[np.bool_] | None) -> Scored:
    """Best first; `ids` are sorted, so a stable order breaks ties by id."""
    order = np.argsort(-scores, kind="stable")
    if kept is not None:
        order = order[kept[order]]
    return Scored(ids[order].tolist(), scores[order])


def _cosines(captions: Sequence[FloatArray], queries: Sequence[FloatArray]) -> Iterator[FloatArray]:
    """For each query the `(tiles,)` maxima over each tile's `(v, d)` rows."""
    if not captions:
        yield from (np.empty(0, np.float32) for _ in queries)
        return
    rows = np.concatenate(captions)
    starts = np.cumsum([0, *map(len, captions)])[:-1]
    for first in range(0, len(queries), _BLOCK):
        similarity = np.stack(queries[first : first + _BLOCK]) @ rows.T
        yield from np.maximum.reduceat(similarity, starts, axis=1)


def _bm25_scores(tiles: Sequence[TilePoint], queries: Sequence[SparseVector]) -> Iterator[FloatArray]:
    """For each query the `(tiles,)` sums of idf · query weight · document weight over shared terms.

    idf = ln(1 + (N - n + 0.5) / (n + 0.5)), N documents of which n have the term: Robertson & Zaragoza 2009, eq. 3.5,
    with the 1 that Lucene and Qdrant add. Summed in double and rounded once: a float32 product rounds by the place
    of a document among the others, which at scores above 16 is more than a tie, so equal documents would differ.
    """
    if not tiles:
        yield from (np.empty(0, np.float32) for _ in queries)
        return
    terms = np.concatenate([tile.sparse.indices for tile in tiles])
    weights = np.concatenate([tile.sparse.values for tile in tiles])
    documents = np.repeat(np.arange(len(tiles)), [tile.sparse.indices.size for tile in tiles])
    for first in range(0, len(queries), _BLOCK):
        block = queries[first : first + _BLOCK]
        asked = np.unique(np.concatenate([query.indices for query in block]))
        present = np.isin(terms, asked)
        matrix = np.zeros((len(tiles), len(asked)))
        matrix[documents[present], np.searchsorted(asked, terms[present])] = weights[present]
        having = np.count_nonzero(matrix, axis=0)
        idf = np.log1p((len(tiles) - having + 0.5) / (having + 0.5))
        asking = np.zeros((len(block), len(asked)))
        for row, query in zip(asking, block, strict=True):
            row[np.searchsorted(asked, query.indices)] = query.values
        yield from ((asking * idf) @ matrix.T).astype(np.float32)
