"""The search engine: branches, candidates, fusion, filters, reasons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from trsllava.ledger.ledger import Ledger
from trsllava.places.area import Ground, middle
from trsllava.places.gazetteer import nearest_towns
from trsllava.raster.footprint import meets
from trsllava.raster.tile_picture import living_first
from trsllava.records import (
    Branch,
    Filters,
    FusionName,
    Hit,
    Match,
    Nearby,
    Part,
    Query,
    RichText,
    Term,
    Tile,
    TileRecord,
)
from trsllava.search.arranging import arranged, drawn
from trsllava.search.branches import BranchQuery, Encoders, branch_queries, check_query, image_encoder
from trsllava.search.composed import (
    FUSION,
    composed_pair,
    composed_queries,
    held_against,
    part_weights,
    text_weight,
)
from trsllava.search.edits import split_negation
from trsllava.search.explain import explain, introduce
from trsllava.search.fusion import FUSIONS, rank
from trsllava.search.merging import Merging
from trsllava.search.ranking import RankedTile, Ranking, aligned, found, fuse, fuse_aligned, fused_terms, known_moments
from trsllava.search.relevance import Relevance, RelevanceSide
from trsllava.search.rerank import Reranker, rerank
from trsllava.search.timings import Timings
from trsllava.search.without import known_ids, unwanted_queries, weight_without, without_scores
from trsllava.store.protocol import FloatArray, HeldVectors, Scored, VectorStore
from trsllava.store.scoring import StoredVectors

EXACT_BELOW = 50_000
"""Collections smaller than this are scored whole, in every branch."""
SAMPLE = 1_024
"""Tiles whose scores give a branch's mean and spread where a collection is not scored whole."""


CANDIDATES = 200
"""The fewest that a branch proposes where a collection is not scored whole."""


class Engine:
    """Answers queries over one collection."""

    def __init__(
        self,
        store: VectorStore,
        ledger: Ledger,
        encoders: Encoders,
        *,
        branches: Sequence[Branch] | None = None,
        fusion: FusionName,
        weights: Mapping[Term, float],
        relevance: Relevance | None = None,
        exact_below: int = EXACT_BELOW,
    ) -> None:
        """`branches` (None: all that the collection has), `fusion` and `weights` (1 where left out) serve queries that
        name none. `relevance`: None where chances are not known for the collection's models."""
        self._store, self._ledger, self._encoders = store, ledger, encoders
        self._branches, self._fusion, self._weights = branches, fusion, weights
        self._relevance, self._exact_below = relevance, exact_below

    def search(self, query: Query, reranker: Reranker | None = None, timings: Timings | None = None) -> list[Hit]:
        """The k best tiles, best first, ties always in the same order; fewer or none where fewer pass the filters.
        What each stage takes is added to `timings`.

        Raises InputError for an empty query, a branch that the collection lacks, or where no branch has a weight.
        """
        timings = timings or Timings()
        queries, ranking = self._ranked(query, reranker, timings)
        if ranking is None:
            return []
        merging = None if query.all_tiles else Merging()
        best = self._records(self._top(ranking, query, merging))
        with timings.measure("explain"):
            words = _words_of(query)
            ids = [str(record.tile.id) for _, record in best]
            captions = self._store.dense_vectors(ids) if ids and (words or query.diversity) else {}
            reasons = self._reasons(words, queries, best, captions)
            chances = self._chances(query, queries, ids, captions)
            nearby = _nearby([record.tile for _, record in best])
        hits = [
            Hit(
                tile=record.tile,
                paths=living_first(record.paths),
                labels=record.text.labels if record.text else (),
                score=float(ranking.fused[position]),
                relevance=chance,
                branches=ranking.branch_scores(position),
                why=why,
                near=near,
            )
            for (position, record), why, chance, near in zip(best, reasons, chances, nearby, strict=True)
            if chance is None or chance >= query.min_relevance
        ]
        if query.min_score is not None:
            hits = [hit for hit in hits if hit.score >= query.min_score]
        hits = arranged(hits, query, captions)
        if merging is None:
            return hits
        return [hit.model_copy(update={"merged": merging.merged(hit.tile)}) for hit in hits]

    def rank(self, query: Query, reranker: Reranker | None = None, timings: Timings | None = None) -> list[RankedTile]:
        """The tiles that `search` finds, in its order, without reasons and chances to be right: of thousands, these
        take nearly all the time. `min_relevance` does not count. Raises what `search` raises."""
        _, ranking = self._ranked(query, reranker, timings or Timings())
        if ranking is None:
            return []
        best = ranking.ranked(self._top(ranking, query, None if query.all_tiles else Merging()))
        if query.min_score is not None:
            best = [ranked for ranked in best if ranked.score >= query.min_score]
        ids = [str(ranked.tile.id) for ranked in best]
        return arranged(best, query, self._store.dense_vectors(ids) if ids and query.diversity else {})

    def _ranked(
        self, query: Query, reranker: Reranker | None, timings: Timings
    ) -> tuple[Mapping[Part, BranchQuery], Ranking | None]:
        """What the query asks of each part, and how all tiles do by it; None where it asks nothing."""
        check_query(query, reranked=reranker is not None)
        with timings.measure("encode"):
            queries = self._branch_queries(query)
            things = unwanted_queries(query, self._branches, self._encoders)
        if not queries and not things:
            return queries, None
        fusion = FUSIONS[query.fusion or (FUSION if query.composed else self._fusion)]
        weights = self._weights_of(query, queries)
        with timings.measure("search"), self._store.session():
            held = self._held(query, queries)
            if held is not None:
                scores = np.stack([held.scores(asked.branch, asked.vector) for asked in queries.values()])
            elif not queries or self._store.count() < self._exact_below:
                scored, sample = self._scored_whole(queries, things, query.filters), None
            else:
                scored, sample = self._scored_candidates(queries, things, query, reranker.top if reranker else 0)
        with timings.measure("fuse"):
            if held is not None:
                ranking = fuse_aligned(tuple(queries), *found(tuple(queries), held.ids, scores), None, fusion, weights)
            else:
                ranking = fuse(scored, sample, fusion, weights)
        if reranker is not None and (query.text or query.image is not None):
            with timings.measure("rerank"):
                ranking = self._reranked(ranking, query, reranker)
        return queries, ranking

    def score(self, text: str, tiles: StoredVectors) -> FloatArray:
        """What a text scores with each of n tiles, as a search of nothing else fuses it, `(n,)` float32; 0 throughout
        where it holds no word."""
        query = Query(text=text)
        queries = self._branch_queries(query)
        if not queries:
            return np.zeros(len(tiles.ids), np.float32)
        scores = np.stack([tiles.scores(asked.branch, asked.vector) for asked in queries.values()])
        named = self._weights_of(query, queries)
        weights = np.array([named.get(name, 1.0) for name in queries], np.float32)
        fused: FloatArray = fused_terms(scores, None, FUSIONS[self._fusion], weights).sum(axis=0)
        return fused

    def text_scores(self, text: str, ids: Sequence[str]) -> dict[Part, FloatArray]:
        """What a text scores with the captions of n tiles, `(n,)` float32, in each branch that finds a word in it; 0
        for tiles that the store lacks."""
        queries = branch_queries(Query(text=text, branches=("dense", "bm25")), None, self._encoders)
        with self._store.session():
            scored = self._score_these(queries, ids)
        return {
            name: np.array([known.get(tile_id, 0.0) for tile_id in ids], np.float32)
            for name, found in scored.items()
            for known in [dict(zip(found.ids, found.scores.tolist(), strict=True))]
        }

    def likeliest(self, text: str, count: int) -> list[str]:
        """So many tiles that a text fits best, sorted by id: each branch proposes as many, all score each."""
        query = Query(text=text)
        queries = self._branch_queries(query)
        with self._store.session():
            found = [self._store.search(asked.branch, asked.vector, count) for asked in queries.values()]
            proposed = sorted({tile for scored in found for tile in scored.ids})
            scored = self._score_these(queries, proposed)
        ranking = fuse(scored, None, FUSIONS[self._fusion], self._weights_of(query, queries))
        return sorted(ranking.ids[place] for place in rank(ranking.ids, ranking.fused, count))

    def has_meaning(self, text: str) -> bool:
        """True where a text holds a word that BM25 does not drop, as it drops `the` and `of`."""
        return bool(len(self._encoders.bm25.query(text).indices))

    def is_found(self, text: str) -> bool:
        """True where a caption has a word of a text, in any inflection."""
        terms = self._encoders.bm25.query(text)
        return bool(len(terms.indices)) and bool(self._store.search("bm25", terms, 1).ids)

    def _branch_queries(self, query: Query) -> dict[Part, BranchQuery]:
        if query.composed:
            return composed_queries(query, self._encoders)
        return branch_queries(query, self._branches, self._encoders)

    def _scored_whole(
        self, queries: Mapping[Part, BranchQuery], things: Sequence[Mapping[Part, BranchQuery]], filters: Filters
    ) -> dict[Part, Scored]:
        """What each part of the query says of every tile that passes the filters. `things`: what is not wanted."""
        found = self._score_all(queries, filters)
        scored = _unwanted_negated(queries, found, found)
        if things:
            shown = [self._score_all(thing, filters) for thing in things]
            scored["without"] = without_scores(shown, shown, known_ids(scored or shown[0]))
        return scored

    def _held(self, query: Query, queries: Mapping[Part, BranchQuery]) -> HeldVectors | None:
        """The vectors of all tiles, for a query that asks for nothing but the best of them all."""
        if query.composed or query.unwanted or not queries or not query.filters.is_empty():
            return None
        return self._store.held(len(queries)) if self._store.count() < self._exact_below else None

    def _scored_candidates(
        self,
        queries: Mapping[Part, BranchQuery],
        things: Sequence[Mapping[Part, BranchQuery]],
        query: Query,
        least: int,
    ) -> tuple[dict[Part, Scored], FloatArray]:
        """The same of the tiles that were proposed, at least so many, and `(b, 2)` means and standard deviations from
        the collection's sample."""
        found = self._score_candidates(queries, query, max(CANDIDATES, least))
        ids = self._ledger.sample_ids(SAMPLE)
        drawn = self._score_these(queries, ids)
        scored, drawn = _unwanted_negated(queries, found, drawn), _unwanted_negated(queries, drawn, drawn)
        if things:
            proposed = known_ids(found)
            usual = [self._score_these(thing, ids) for thing in things]
            shown = [self._score_these(thing, proposed) for thing in things]
            scored["without"] = without_scores(shown, usual, proposed)
            drawn["without"] = without_scores(usual, usual, known_ids(usual[0]))
        return scored, known_moments(aligned(drawn, ids))

    def _score_all(self, queries: Mapping[Part, BranchQuery], filters: Filters) -> dict[Part, Scored]:
        return {name: self._exact(part_query, filters=filters) for name, part_query in queries.items()}

    def _score_candidates(self, queries: Mapping[Part, BranchQuery], query: Query, least: int) -> dict[Part, Scored]:
        """Each branch or side that wants something proposes; all of them score every proposal exactly."""
        limit = max(10 * query.k, drawn(query), least)
        proposed = {
            tile
            for part_query in queries.values()
            if not part_query.against
            for tile in self._store.search(part_query.branch, part_query.vector, limit, query.filters).ids
        }
        return self._score_these(queries, sorted(proposed))

    def _score_these(self, queries: Mapping[Part, BranchQuery], ids: Sequence[str]) -> dict[Part, Scored]:
        return {name: self._exact(part_query, ids=ids) for name, part_query in queries.items()}

    def _exact(
        self, part_query: BranchQuery, ids: Sequence[str] | None = None, filters: Filters | None = None
    ) -> Scored:
        return self._store.exact(part_query.branch, [part_query.vector], ids=ids, filters=filters)[0]

    def _weights_of(self, query: Query, queries: Mapping[Part, BranchQuery]) -> Mapping[Part, float]:
        if query.composed:
            pair = composed_pair(query, self._encoders)
            return part_weights(queries, text_weight(query, pair, queries))
        named = dict[Part, float]({**self._weights, **(query.weights or {})}.items())
        return named | {"without": weight_without(named, queries)}

    def _reranked(self, ranking: Ranking, query: Query, reranker: Reranker) -> Ranking:
        """The best tiles that pass all filters are looked at again; vectors that are known are not made anew."""
        best = self._records(list(islice(self._passing(ranking, query.filters, reranker.top), reranker.top)))
        if not best:
            return ranking
        records = [record for _, record in best]
        known = self._ledger.image_vectors([str(record.tile.id) for record in records], reranker.encoder.name)
        cosines = reranker.cosines(query, records, known)
        positions = np.array([position for position, _ in best])
        weight = self._weights_of(query, {}).get("rerank", 1.0)
        return rerank(ranking, positions, cosines, weight)

    def _top(self, ranking: Ranking, query: Query, merging: Merging | None) -> list[tuple[int, Tile]]:
        """Positions and tiles of the best that stand for themselves: the k, or more of them to choose from."""
        wanted = drawn(query)
        passing = self._passing(ranking, query.filters, wanted)
        kept = (item for item in passing if merging is None or merging.keeps(item[1]))
        return list(islice(kept, wanted))

    def _passing(self, ranking: Ranking, filters: Filters, wanted: int) -> Iterator[tuple[int, Tile]]:
        """Tiles that the exact footprint test lets pass, best first, with their positions; `wanted`: how many of them
        are likely to be drawn."""
        ground = Ground(filters.area) if filters.area else None
        for positions in _in_order(ranking, wanted):
            tiles = self._ledger.captioned_tiles([ranking.ids[position] for position in positions])
            for position in positions:
                tile = tiles.get(ranking.ids[position])
                if tile is not None and _lies_in(tile, filters, ground):
                    yield position, tile

    def _records(self, tiles: Sequence[tuple[int, Tile]]) -> list[tuple[int, TileRecord]]:
        """The tiles' records, in the same order; of a tile that was deleted a moment ago there is none."""
        records = self._ledger.records([str(tile.id) for _, tile in tiles])
        known = ((position, records.get(str(tile.id))) for position, tile in tiles)
        return [(position, record) for position, record in known if record is not None and record.text is not None]

    def _reasons(
        self,
        words: str,
        queries: Mapping[Part, BranchQuery],
        found: Sequence[tuple[int, TileRecord]],
        captions: Mapping[str, FloatArray],
    ) -> list[Match]:
        """Why each tile was found, by its captions' vectors."""
        texts: list[RichText] = [record.text for _, record in found if record.text is not None]
        if not words:
            return [introduce(text) for text in texts]
        encoder = self._encoders.text
        dense = queries["dense"].vector if "dense" in queries else None
        vector = dense if isinstance(dense, np.ndarray) else encoder.encode([words])[0]
        # Of a tile that was deleted a moment ago the first variant is as good as any.
        gone = np.zeros((1, encoder.dim), np.float32)
        known = [captions.get(str(record.tile.id), gone) for _, record in found]
        return explain(words, vector, texts, known, encoder)

    def _chances(
        self, query: Query, queries: Mapping[Part, BranchQuery], ids: Sequence[str], captions: Mapping[str, FloatArray]
    ) -> list[float | None]:
        """Of each hit the chance to be right, None where that is not known."""
        unknown: list[float | None] = [None] * len(ids)
        if self._relevance is None or query.image is not None or not ids:
            return unknown
        features: dict[RelevanceSide, FloatArray] = {}
        for side in self._relevance.names:
            vector = queries[side].vector if side in queries else None
            if isinstance(vector, np.ndarray):
                stored = captions if side == "dense" else self._pictures(ids)
                tiles = [stored.get(tile_id, np.zeros((0, len(vector)), np.float32)) for tile_id in ids]
                features[side] = self._relevance.features(side, vector, tiles)
        if not features:
            return unknown
        return [None if math.isnan(chance) else chance for chance in self._relevance.chances(features).tolist()]

    def _pictures(self, ids: Sequence[str]) -> dict[str, FloatArray]:
        """Image vectors of those tiles that have one, `(1, d)` each."""
        seen = self._ledger.image_vectors(ids, image_encoder(self._encoders).name)
        return {tile_id: vector[None] for tile_id, vector in seen.items()}


def _words_of(query: Query) -> str:
    """What a query asks for in words, exclusions aside; empty for one by a picture."""
    if query.composed:
        return split_negation(query.text)[0]
    return "" if query.image is not None else query.text


def _unwanted_negated(
    queries: Mapping[Part, BranchQuery], scored: Mapping[Part, Scored], reference: Mapping[Part, Scored]
) -> dict[Part, Scored]:
    """Scores as they count: those of what is not wanted are held against a tile."""
    return {
        name: Scored(found.ids, held_against(found.scores, reference[name].scores)) if queries[name].against else found
        for name, found in scored.items()
    }


def _in_order(ranking: Ranking, wanted: int) -> Iterator[list[int]]:
    """Positions of tiles, best first, in ever larger helpings: mostly the first is enough."""
    fused, done = ranking.fused, 0
    while done < len(ranking.ids):
        yield rank(ranking.ids, fused, wanted)[done:].tolist()
        done, wanted = wanted, 4 * wanted


def _lies_in(tile: Tile, filters: Filters, ground: Ground | None) -> bool:
    """The store tests bounding boxes; rotated outlines, and areas that are no box, are tested here."""
    footprint = tile.footprint
    if filters.bbox is not None and (footprint is None or not meets(footprint, filters.bbox)):
        return False
    return ground is None or (footprint is not None and ground.meets(footprint))


def _nearby(tiles: Sequence[Tile]) -> list[Nearby | None]:
    """Of each tile the nearest town."""
    placed = [tile.footprint for tile in tiles if tile.footprint is not None]
    towns = iter(nearest_towns([middle(footprint) for footprint in placed]))
    return [next(towns) if tile.footprint is not None else None for tile in tiles]
