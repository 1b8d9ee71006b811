"""The search engine: branches, candidates, fusion, filters, reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import InputError
from trsllava.ledger.ledger import Ledger
from trsllava.raster.footprint import meets
from trsllava.records import Branch, BranchScore, Filters, FusionName, Hit, Query, TileRecord
from trsllava.search.branches import query_vectors
from trsllava.search.explain import explain
from trsllava.search.fusion import FUSIONS, moments, rank
from trsllava.search.merging import Merging
from trsllava.store.protocol import FloatArray, QueryVector, Scored, VectorStore

EXACT_BELOW = 50_000
"""Collections smaller than this are scored whole, in every branch."""
SAMPLE = 1_024
"""Tiles whose scores give a branch's mean and spread where a collection is not scored whole."""


@dataclass(frozen=True)
class Ranking:
    """Scored tiles before they become hits: `(b, n)` branch scores, their `(b, n)` terms in the fused score."""

    branches: tuple[Branch, ...]
    ids: list[str]
    scores: FloatArray
    terms: FloatArray

    @property
    def fused(self) -> FloatArray:
        """`(n,)` float32."""
        total: FloatArray = self.terms.sum(axis=0)
        return total


class Engine:
    """Answers queries over one collection."""

    def __init__(
        self,
        store: VectorStore,
        ledger: Ledger,
        encoder: TextEncoder,
        bm25: Bm25Encoder,
        *,
        branches: Sequence[Branch],
        fusion: FusionName,
        weights: Mapping[Branch, float],
        exact_below: int = EXACT_BELOW,
    ) -> None:
        """`branches`, `fusion` and `weights` (1 where left out) serve queries that name none."""
        self._store, self._ledger, self._encoder, self._bm25 = store, ledger, encoder, bm25
        self._branches, self._fusion, self._weights = tuple(branches), fusion, weights
        self._exact_below = exact_below

    def search(self, query: Query) -> list[Hit]:
        """The k best tiles, best first, ties always in the same order; fewer or none where fewer pass the filters.

        Raises InputError for an empty text, an unknown branch or weights that cannot be.
        """
        if not query.text.strip():
            raise InputError("The query is empty. Say what to look for.")
        vectors = query_vectors(query.text, query.branches or self._branches, self._encoder, self._bm25)
        with self._store.session():
            if self._store.count() < self._exact_below:
                scored = self._score_all(vectors, query.filters)
                sample = None
            else:
                scored = self._score_candidates(vectors, query)
                sample = self._sample_moments(vectors)
            ranking = self._fuse(scored, sample, query)
            if ranking is None:
                return []
            merging = None if query.all_tiles else Merging()
            found = self._top(ranking, query, merging)
            stored = self._store.dense_vectors([record_id for record_id, _, _ in found])
        hits = self._hits(query, vectors, ranking, found, stored)
        if merging is None:
            return hits
        return [hit.model_copy(update={"merged": merging.merged(hit.tile)}) for hit in hits]

    def _score_all(self, vectors: Mapping[Branch, QueryVector], filters: Filters) -> dict[Branch, Scored]:
        return {name: self._store.exact(name, [vector], filters=filters)[0] for name, vector in vectors.items()}

    def _score_candidates(self, vectors: Mapping[Branch, QueryVector], query: Query) -> dict[Branch, Scored]:
        """Each branch proposes; all branches score every proposal exactly."""
        limit = max(10 * query.k, 200)
        proposed = {
            tile
            for name, vector in vectors.items()
            for tile in self._store.search(name, vector, limit, query.filters).ids
        }
        ids = sorted(proposed)
        return {name: self._store.exact(name, [vector], ids=ids)[0] for name, vector in vectors.items()}

    def _sample_moments(self, vectors: Mapping[Branch, QueryVector]) -> FloatArray:
        ids = self._ledger.sample_ids(SAMPLE)
        scored = [self._store.exact(name, [vector], ids=ids)[0] for name, vector in vectors.items()]
        return moments(np.stack([_aligned(branch, ids) for branch in scored]))

    def _fuse(self, scored: Mapping[Branch, Scored], sample: FloatArray | None, query: Query) -> Ranking | None:
        ids = sorted({tile for branch in scored.values() for tile in branch.ids})
        if not ids:
            return None
        branches = tuple(scored)
        given = query.weights if query.weights is not None else self._weights
        weights = np.array([given.get(name, 1.0) for name in branches], np.float32)
        scores = np.stack([_aligned(scored[name], ids) for name in branches])
        if len(branches) == 1:  # nothing to make comparable: the fused score is the branch's own
            return Ranking(branches, ids, scores, scores)
        terms = FUSIONS[query.fusion or self._fusion].terms(scores, sample, weights)
        return Ranking(branches, ids, scores, terms)

    def _top(self, ranking: Ranking, query: Query, merging: Merging | None) -> list[tuple[str, int, TileRecord]]:
        """Ids, positions and records of the best k that the exact footprint test lets pass and that stand for
        themselves."""
        found: list[tuple[str, int, TileRecord]] = []
        for ids, positions in self._in_order(ranking, query.k):
            records = self._ledger.records(ids)
            for tile_id, position in zip(ids, positions.tolist(), strict=True):
                record = records.get(tile_id)
                if record is None or record.text is None or not _lies_in(record, query.filters):
                    continue
                if merging is None or merging.keeps(record.tile):
                    found.append((tile_id, position, record))
                if len(found) == query.k:
                    return found
        return found

    @staticmethod
    def _in_order(ranking: Ranking, k: int) -> Iterator[tuple[list[str], NDArray[np.intp]]]:
        """Best tiles first, in ever larger helpings: mostly the first k are enough."""
        fused, done, wanted = ranking.fused, 0, k
        while done < len(ranking.ids):
            positions = rank(ranking.ids, fused, wanted)[done:]
            yield [ranking.ids[position] for position in positions.tolist()], positions
            done, wanted = wanted, 4 * wanted

    def _hits(
        self,
        query: Query,
        vectors: Mapping[Branch, QueryVector],
        ranking: Ranking,
        found: Sequence[tuple[str, int, TileRecord]],
        stored: Mapping[str, FloatArray],
    ) -> list[Hit]:
        dense = vectors.get("dense")
        text_vector = dense if isinstance(dense, np.ndarray) else self._encoder.encode([query.text])[0]
        texts = [record.text for _, _, record in found if record.text is not None]
        reasons = explain(query.text, text_vector, texts, [stored[tile_id] for tile_id, _, _ in found], self._encoder)
        return [
            Hit(
                tile=record.tile,
                paths=record.paths,
                labels=text.labels,
                score=float(ranking.fused[position]),
                branches={
                    name: BranchScore(
                        score=float(ranking.scores[row, position]),
                        rank=int((ranking.scores[row] > ranking.scores[row, position]).sum()) + 1,
                        share=float(ranking.terms[row, position]),
                    )
                    for row, name in enumerate(ranking.branches)
                },
                why=why,
            )
            for (_, position, record), text, why in zip(found, texts, reasons, strict=True)
        ]


def _aligned(scored: Scored, ids: Sequence[str]) -> FloatArray:
    """A branch's scores in the order of `ids`; a tile without a score shares nothing with the query: 0."""
    known = dict(zip(scored.ids, scored.scores.tolist(), strict=True))
    return np.array([known.get(tile, 0.0) for tile in ids], np.float32)


def _lies_in(record: TileRecord, filters: Filters) -> bool:
    """The store tests bounding boxes; rotated outlines are tested here."""
    footprint = record.tile.footprint
    if filters.bbox is None:
        return True
    return footprint is not None and meets(footprint, filters.bbox)
