"""Ways to lay out five caption vectors a tile in the engine, each with its points and its search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import qdrant_edge as engine

from trsllava.encoders.protocol import FloatArray
from trsllava.store.edge import index_payload
from trsllava.store.pooling import pool

Payload = dict[str, Any]
Tiles = list[int]
Search = Callable[[engine.EdgeShard, FloatArray, int, engine.Filter | None], Tiles]

_ROWS_A_TILE = 8
"""Points of a tile are numbered apart by this, so that a point's id tells its tile."""

_MAX_SIM = engine.MultiVectorConfig(engine.MultiVectorComparator.MaxSim)
_INT8 = engine.ScalarQuantizationConfig(engine.ScalarType.Int8, quantile=0.99)
_RAW = engine.SearchParams(quantization=engine.QuantizationSearchParams(rescore=False))
_NO_GRAPH = engine.HnswIndexConfig(m=0, ef_construct=100, full_scan_threshold=10_000)


class Layout(Protocol):
    """One way to store tiles and to find the k best by their best caption."""

    def config(self) -> engine.EdgeConfig:
        """The shard's configuration."""
        ...

    def points(self, tiles: Iterable[tuple[int, FloatArray, Payload]]) -> Iterator[engine.Point]:
        """The points of tiles: number, `(5, d)` caption vectors, payload."""
        ...

    def search(self, shard: engine.EdgeShard, vector: FloatArray, *, k: int, where: engine.Filter | None) -> Tiles:
        """The numbers of the best k tiles."""
        ...


@dataclass(frozen=True)
class Multivector:
    """(a) One multivector a tile, with an HNSW graph over it."""

    dim: int
    ef: int
    int8: bool = False

    def config(self) -> engine.EdgeConfig:
        """One named multivector."""
        quantization = _INT8 if self.int8 else None
        params = engine.EdgeVectorParams(
            self.dim, engine.Distance.Cosine, multivector_config=_MAX_SIM, quantization_config=quantization
        )
        return _config({"dense": params})

    def points(self, tiles: Iterable[tuple[int, FloatArray, Payload]]) -> Iterator[engine.Point]:
        """A point a tile."""
        for number, captions, payload in tiles:
            yield engine.Point(number, {"dense": captions.tolist()}, payload)

    def search(self, shard: engine.EdgeShard, vector: FloatArray, *, k: int, where: engine.Filter | None) -> Tiles:
        """One query."""
        quantization = engine.QuantizationSearchParams(rescore=True, oversampling=2.0) if self.int8 else None
        params = engine.SearchParams(hnsw_ef=self.ef, quantization=quantization)
        return _numbers(shard.query(engine.QueryRequest(k, query=_near(vector, "dense"), filter=where, params=params)))


@dataclass(frozen=True)
class Pooled:
    """(b) The captions' mean with a graph finds candidates; the multivector, without one, scores them exactly."""

    dim: int
    candidates: int
    int8: bool = False

    def config(self) -> engine.EdgeConfig:
        """Two named vectors."""
        quantization = _INT8 if self.int8 else None
        return _config(
            {
                "pooled": engine.EdgeVectorParams(self.dim, engine.Distance.Cosine, quantization_config=quantization),
                "dense": engine.EdgeVectorParams(
                    self.dim, engine.Distance.Cosine, multivector_config=_MAX_SIM, hnsw_config=_NO_GRAPH
                ),
            }
        )

    def points(self, tiles: Iterable[tuple[int, FloatArray, Payload]]) -> Iterator[engine.Point]:
        """A point a tile."""
        for number, captions, payload in tiles:
            yield engine.Point(number, {"dense": captions.tolist(), "pooled": pool(captions).tolist()}, payload)

    def search(self, shard: engine.EdgeShard, vector: FloatArray, *, k: int, where: engine.Filter | None) -> Tiles:
        """One query of two stages."""
        found = engine.Prefetch(limit=self.candidates, query=_near(vector, "pooled"), filter=where, params=_RAW)
        return _numbers(shard.query(engine.QueryRequest(k, query=_near(vector, "dense"), prefetches=[found])))


@dataclass(frozen=True)
class CaptionPoints:
    """(c) A point a distinct caption; a tile's rank is that of its best point."""

    dim: int
    ef: int
    oversampling: int = 5

    def config(self) -> engine.EdgeConfig:
        """One plain vector."""
        return _config({"dense": engine.EdgeVectorParams(self.dim, engine.Distance.Cosine)})

    def points(self, tiles: Iterable[tuple[int, FloatArray, Payload]]) -> Iterator[engine.Point]:
        """As many points as captions, each with the tile's payload."""
        for number, captions, payload in tiles:
            for row, vector in enumerate(captions):
                yield engine.Point(number * _ROWS_A_TILE + row, {"dense": vector.tolist()}, payload)

    def search(self, shard: engine.EdgeShard, vector: FloatArray, *, k: int, where: engine.Filter | None) -> Tiles:
        """Queries for more and more captions until they belong to k tiles."""
        limit = self.oversampling * k
        while True:
            params = engine.SearchParams(hnsw_ef=max(self.ef, limit))
            request = engine.QueryRequest(limit, query=_near(vector, "dense"), filter=where, params=params)
            found = shard.query(request)
            tiles = list(dict.fromkeys(number // _ROWS_A_TILE for number in _numbers(found)))
            if len(tiles) >= k or len(found) < limit:
                return tiles[:k]
            limit *= 2


def create(folder: str, layout: Layout) -> engine.EdgeShard:
    """An empty shard with the product's payload indexes."""
    shard = engine.EdgeShard.create(folder, layout.config())
    index_payload(shard)
    return shard


def _config(vectors: dict[str, engine.EdgeVectorParams]) -> engine.EdgeConfig:
    return engine.EdgeConfig(vectors=vectors, optimizers=engine.EdgeOptimizersConfig(default_segment_number=1))


def _near(vector: FloatArray, name: str) -> engine.Query:
    return engine.Query.Nearest(vector.tolist(), using=name)


def _numbers(points: Sequence[engine.ScoredPoint]) -> Tiles:
    return [int(str(point.id)) for point in points]
