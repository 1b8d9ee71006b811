"""Our words in the engine's: configuration, points, filters, queries and errors of `qdrant_edge`."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import qdrant_edge as engine

from trsllava.errors import BusyError, CollectionMismatchError, HomeError, Parameter
from trsllava.records import Branch, Filters, PropertyCondition
from trsllava.store.order import ranked
from trsllava.store.payload import (
    EXTENTS,
    FLOAT_KEYS,
    INTEGER_KEYS,
    KEYWORD_KEYS,
    BoxRange,
    box_ranges,
    from_stored,
    property_key,
    seconds,
    to_payload,
)
from trsllava.store.pooling import candidates, pool
from trsllava.store.protocol import FloatArray, QueryVector, Scored, SparseVector, StoreSchema, TilePoint

_NO_TILE = engine.HasIdCondition(set())

# Asked for a corpus, the engine counts the documents that are alive; its own statistics, which cost nothing, still
# count replaced and deleted ones. No tile is left out of this corpus.
_ALIVE = engine.IdfParams(corpus=engine.Filter(must_not=[_NO_TILE]))

_RAW = engine.SearchParams(quantization=engine.QuantizationSearchParams(rescore=False))
"""The pooled stage only proposes: its scores need not be exact."""


def config(schema: StoreSchema) -> engine.EdgeConfig:
    """The layout (docs/store-layout.md): a pooled vector with HNSW, in 8 bits, finds candidates; the captions'
    multivector, without a graph, scores them. Float vectors are read from the disk as they are needed, so that opening
    the store does not read them all."""
    cold, cosine = engine.Memory.Cold, engine.Distance.Cosine
    # In KB of float vectors. Up to 50,000 tiles of 384 numbers pass a filter: looking at all of them beats the graph.
    graph = engine.HnswIndexConfig(m=16, ef_construct=100, full_scan_threshold=75_000)
    no_graph = engine.HnswIndexConfig(m=0, ef_construct=100, full_scan_threshold=75_000)
    int8 = engine.ScalarQuantizationConfig(engine.ScalarType.Int8, quantile=0.99, memory=engine.Memory.Cached)
    max_sim = engine.MultiVectorConfig(engine.MultiVectorComparator.MaxSim)
    vectors = {
        "pooled": engine.EdgeVectorParams(
            schema.dense_dim, cosine, hnsw_config=graph, quantization_config=int8, memory=cold
        ),
        "dense": engine.EdgeVectorParams(
            schema.dense_dim, cosine, multivector_config=max_sim, hnsw_config=no_graph, memory=cold
        ),
    }
    if schema.image_dim is not None:
        vectors["image"] = engine.EdgeVectorParams(schema.image_dim, cosine, hnsw_config=graph, memory=cold)
    return engine.EdgeConfig(
        vectors=vectors,
        sparse_vectors={
            "bm25": engine.EdgeSparseVectorParams(modifier=engine.Modifier.Idf, memory=engine.Memory.Cached)
        },
        # In KB of vectors. What is optimised is indexed, however small: else its payload indexes would stay in memory.
        optimizers=engine.EdgeOptimizersConfig(default_segment_number=1, indexing_threshold=1),
    )


def create(folder: Path, schema: StoreSchema) -> engine.EdgeShard:
    """A new shard with its payload indexes, which must exist before points arrive to be part of the graph."""
    shard = engine.EdgeShard.create(str(folder), config(schema))
    index_payload(shard)
    shard.flush()
    return shard


def index_payload(shard: engine.EdgeShard) -> None:
    """Create the payload indexes of an empty shard."""
    pinned = engine.Memory.Pinned  # ranges are checked tile by tile, which is several times faster so
    for key in KEYWORD_KEYS:
        # Every tile has a source of its own, its file: in memory a million would take half a gigabyte.
        memory = engine.Memory.Cold if key == "sources" else None
        shard.update(engine.UpdateOperation.create_field_index(key, engine.KeywordIndexParams(memory=memory)))
    for key in FLOAT_KEYS:
        shard.update(engine.UpdateOperation.create_field_index(key, engine.FloatIndexParams(memory=pinned)))
    for key in INTEGER_KEYS:
        integers = engine.IntegerIndexParams(lookup=True, range=False, memory=pinned)
        shard.update(engine.UpdateOperation.create_field_index(key, integers))


def to_point(point: TilePoint) -> engine.Point:
    """A tile as the engine stores it. An empty BM25 vector is left out: the engine would count it as a document."""
    vectors: dict[str, Any] = {"dense": point.dense, "pooled": pool(point.dense)}
    if point.sparse.indices.size:
        vectors["bm25"] = engine.SparseVector(point.sparse.indices.tolist(), point.sparse.values.tolist())
    if point.image is not None:
        vectors["image"] = point.image
    return engine.Point(point.id, vectors, to_payload(point))


def from_record(record: engine.Record) -> TilePoint:
    """A tile as it was written, from a record with payload and vectors."""
    vectors: Any = record.vector
    return from_stored(str(record.id), vectors, record.payload or {})


def caption_vectors(record: engine.Record) -> FloatArray:
    """The `(v, d)` float32 rows of a record that was read with its dense vectors."""
    vectors: Any = record.vector
    return np.asarray(vectors["dense"], np.float32)


def conditions(
    filters: Filters | None, ids: Sequence[str] | None = None, extents: Sequence[int] = range(len(EXTENTS))
) -> engine.Filter | None:
    """Filters and a choice of tiles as one engine filter; None where every tile passes. `extents`: the classes of
    boxes that the collection has, or more."""
    must: list[Any] = []
    if ids is not None:
        must.append(engine.HasIdCondition(set(ids)))
    if filters is None or filters.is_empty():
        return engine.Filter(must=must) if must else None
    must += [engine.FieldCondition("labels", match=engine.MatchValue(label)) for label in filters.labels]
    must += [engine.FieldCondition("labels", match=engine.MatchAny(list(group))) for group in filters.label_spellings]
    if filters.sources:
        must.append(engine.FieldCondition("sources", match=engine.MatchAny(list(filters.sources))))
    if filters.end is not None:
        must.append(_within("acquired", None, seconds(filters.end)))
    if filters.start is not None:
        must.append(_until(seconds(filters.start)))
    if filters.spans:
        must.append(
            _any_of(
                [[_within("acquired", None, seconds(end)), _until(seconds(start))] for start, end in filters.spans]
            )
        )
    for boxes in ([filters.bbox] if filters.bbox else [], filters.area.boxes if filters.area else []):
        if boxes:
            lies = [lies for box in boxes for lies in box_ranges(box, extents)]
            ranges = [_lies_in(one, alone=len(extents) == 1) for one in lies]
            # The engine plans by the rarest condition, but does not look for it inside of alternatives.
            must += ranges[0] if len(ranges) == 1 else [_any_of(ranges)]
    must += [_property(condition) for condition in filters.properties if condition.comparison != "!="]
    must_not: list[Any] = [_property(condition) for condition in filters.properties if condition.comparison == "!="]
    if filters.without_labels:
        must_not.append(engine.FieldCondition("labels", match=engine.MatchAny(list(filters.without_labels))))
    return engine.Filter(must=must, must_not=must_not)


def _lies_in(lies: BoxRange, *, alone: bool) -> list[Any]:
    """`alone`: the collection has boxes of this class only, which then needs no condition."""
    return [
        *([] if alone else [engine.FieldCondition("extent", match=engine.MatchValue(lies.extent))]),
        _within("west", *lies.west),
        _within("south", *lies.south),
        _within("east", lies.least_east),
        _within("north", lies.least_north),
    ]


def _until(since: float) -> engine.Filter:
    """Acquired then or later; an instant has no end, and tiles stored by earlier versions have none."""
    return engine.Filter(should=[_within("acquired", since), _within("acquired_end", since)])


def _any_of(alternatives: Sequence[list[Any]]) -> engine.Filter | engine.HasIdCondition:
    if not alternatives:
        return _NO_TILE
    return engine.Filter(should=[engine.Filter(must=conditions) for conditions in alternatives])


def _property(condition: PropertyCondition) -> Any:
    """A tile meets it; of `!=` it must not."""
    key, number = property_key(condition.name), condition.number
    text = engine.FieldCondition(key, match=engine.MatchValue(condition.value.casefold()))
    if number is None:
        return text
    match condition.comparison:
        case "<":
            return engine.FieldCondition(key, range=engine.RangeFloat(lt=number))
        case ">":
            return engine.FieldCondition(key, range=engine.RangeFloat(gt=number))
        case "<=":
            return _within(key, None, number)
        case ">=":
            return _within(key, number)
    return engine.Filter(should=[_within(key, number, number), text])


def _within(key: str, least: float | None, most: float | None = None) -> engine.FieldCondition:
    return engine.FieldCondition(key, range=engine.RangeFloat(gte=least, lte=most))


def indexed_query(
    branch: Branch, vector: QueryVector, limit: int, where: engine.Filter | None, worn: bool
) -> engine.QueryRequest:
    """The best `limit` points by the index; dense: candidates by the pooled vector, scored by their captions.

    `worn`: points were replaced or deleted, so that the engine's own document frequencies are not right.
    """
    if branch != "dense":
        params = engine.SearchParams(idf=_ALIVE if worn and branch == "bm25" else None)
        return engine.QueryRequest(limit=limit, query=_nearest(branch, vector), filter=where, params=params)
    found = engine.Prefetch(limit=candidates(limit), query=_nearest("pooled", vector), filter=where, params=_RAW)
    return engine.QueryRequest(limit=limit, query=_nearest(branch, vector), prefetches=[found])


def exact_query(
    branch: Branch, vector: QueryVector, limit: int, where: engine.Filter | None, worn: bool
) -> engine.QueryRequest:
    """The best `limit` points, each one scored. `worn`: as for `indexed_query`."""
    params = engine.SearchParams(exact=True, idf=_ALIVE if worn and branch == "bm25" else None)
    return engine.QueryRequest(limit=limit, query=_nearest(branch, vector), filter=where, params=params)


def _nearest(name: str, vector: QueryVector) -> engine.Query:
    value: Any = vector
    if isinstance(vector, SparseVector):
        value = engine.SparseVector(vector.indices.tolist(), vector.values.tolist())
    return engine.Query.Nearest(value, using=name)


def scored(points: Sequence[engine.ScoredPoint]) -> Scored:
    """The engine's answer as ids and scores."""
    ids: list[Any] = [point.id for point in points]
    return ranked([_written(tile.int) for tile in ids], [point.score for point in points])


@lru_cache(maxsize=1 << 16)
def _written(number: int) -> str:
    """A tile's id as text. Remembered, for an exact search names every tile of a collection in every branch."""
    return str(UUID(int=number))


@contextmanager
def our_errors(folder: Path) -> Iterator[None]:
    """The engine raises bare exceptions; told apart by their text, they become ours."""
    try:
        yield
    except OSError as error:
        raise _home_error(folder, error) from error
    except Exception as error:
        if type(error) is not Exception:
            raise
        raise _translated(folder, str(error)) from error


def _home_error(folder: Path, error: OSError) -> HomeError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return HomeError(
            f"The disk of {folder} is full. Free some space, or choose another place with ", Parameter("home"), "."
        )
    return HomeError(
        f"The store in {folder} cannot be written ({error.strerror or error}). "
        "Make it writable, or choose another place with ",
        Parameter("home"),
        ".",
    )


def _translated(folder: Path, text: str) -> BusyError | CollectionMismatchError | HomeError:
    if "WouldBlock" in text:
        return BusyError(f"Another program has the store in {folder} open. Close it and try again.")
    if "dimension" in text:
        return CollectionMismatchError(
            f"The collection in {folder} was built with another encoder ({text}). "
            "Rebuild it with `trsllava reindex`, or name the encoder it was built with."
        )
    if any(sign in text for sign in ("No space left", "os error 28", "StorageFull")):
        return _home_error(folder, OSError(errno.ENOSPC, text))
    if any(sign in text for sign in ("ermission denied", "ead-only file system", "os error 13", "os error 30")):
        return _home_error(folder, OSError(errno.EACCES, "no right to write there"))
    return HomeError(
        f"The store in {folder} is damaged ({text}). "
        "Nothing is lost: rebuild it from the ledger with `trsllava reindex`."
    )
