"""Our words in the engine's: configuration, points, filters, queries and errors of `qdrant_edge`."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as engine

from trsllava.errors import BusyError, CollectionMismatchError, HomeError
from trsllava.records import Branch, Filters
from trsllava.store.payload import FLOAT_KEYS, KEYWORD_KEYS, from_stored, longitude_ranges, seconds, to_payload
from trsllava.store.pooling import candidates, pool
from trsllava.store.protocol import FloatArray, QueryVector, Scored, SparseVector, StoreSchema, TilePoint
from trsllava.store.ranking import ranked

# Every point is in the corpus. Asked for a corpus, the engine counts documents that are alive; its own statistics
# still count replaced and deleted ones, until the next optimisation.
_WHOLE_CORPUS = engine.IdfParams(corpus=engine.Filter(must_not=[engine.HasIdCondition(set())]))


def config(schema: StoreSchema) -> engine.EdgeConfig:
    """The layout: a pooled vector with HNSW finds candidates, the captions' multivector (no graph) scores them."""
    multivector = engine.MultiVectorConfig(engine.MultiVectorComparator.MaxSim)
    no_graph = engine.HnswIndexConfig(m=0, ef_construct=100, full_scan_threshold=10_000)
    vectors = {
        "pooled": engine.EdgeVectorParams(schema.dense_dim, engine.Distance.Cosine),
        "dense": engine.EdgeVectorParams(
            schema.dense_dim, engine.Distance.Cosine, multivector_config=multivector, hnsw_config=no_graph
        ),
    }
    if schema.image_dim is not None:
        vectors["image"] = engine.EdgeVectorParams(schema.image_dim, engine.Distance.Cosine)
    return engine.EdgeConfig(
        vectors=vectors,
        sparse_vectors={"bm25": engine.EdgeSparseVectorParams(modifier=engine.Modifier.Idf)},
        optimizers=engine.EdgeOptimizersConfig(default_segment_number=1),
    )


def create(folder: Path, schema: StoreSchema) -> engine.EdgeShard:
    """A new shard with its payload indexes, which must exist before points arrive to be part of the graph."""
    shard = engine.EdgeShard.create(str(folder), config(schema))
    for key in KEYWORD_KEYS:
        shard.update(engine.UpdateOperation.create_field_index(key, engine.PayloadSchemaType.Keyword))
    for key in FLOAT_KEYS:
        shard.update(engine.UpdateOperation.create_field_index(key, engine.PayloadSchemaType.Float))
    shard.flush()
    return shard


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


def conditions(filters: Filters | None, ids: Sequence[str] | None = None) -> engine.Filter | None:
    """Filters and a choice of tiles as one engine filter; None where every tile passes."""
    must: list[Any] = []
    if ids is not None:
        must.append(engine.HasIdCondition(set(ids)))
    if filters is None or filters.is_empty():
        return engine.Filter(must=must) if must else None
    must += [engine.FieldCondition("labels", match=engine.MatchValue(label)) for label in filters.labels]
    if filters.sources:
        must.append(engine.FieldCondition("sources", match=engine.MatchAny(list(filters.sources))))
    if filters.start is not None or filters.end is not None:
        since = None if filters.start is None else seconds(filters.start)
        until = None if filters.end is None else seconds(filters.end)
        must.append(engine.FieldCondition("acquired", range=engine.RangeFloat(gte=since, lte=until)))
    if filters.bbox is not None:
        must.append(engine.FieldCondition("south", range=engine.RangeFloat(lte=filters.bbox.north)))
        must.append(engine.FieldCondition("north", range=engine.RangeFloat(gte=filters.bbox.south)))
        must.append(engine.Filter(should=[_meets(*west_east) for west_east in longitude_ranges(filters.bbox)]))
    must_not: list[Any] = []
    if filters.without_labels:
        must_not.append(engine.FieldCondition("labels", match=engine.MatchAny(list(filters.without_labels))))
    return engine.Filter(must=must, must_not=must_not)


def _meets(west: float, east: float) -> engine.Filter:
    return engine.Filter(
        must=[
            engine.FieldCondition("west", range=engine.RangeFloat(lte=east)),
            engine.FieldCondition("east", range=engine.RangeFloat(gte=west)),
        ]
    )


def indexed_query(branch: Branch, vector: QueryVector, limit: int, where: engine.Filter | None) -> engine.QueryRequest:
    """The best `limit` points by the index; dense: candidates by the pooled vector, scored by their captions."""
    if branch != "dense":
        return engine.QueryRequest(limit=limit, query=_nearest(branch, vector), filter=where, params=_params(branch))
    found = engine.Prefetch(limit=candidates(limit), query=_nearest("pooled", vector), filter=where)
    return engine.QueryRequest(limit=limit, query=_nearest(branch, vector), prefetches=[found])


def exact_query(branch: Branch, vector: QueryVector, limit: int, where: engine.Filter | None) -> engine.QueryRequest:
    """The best `limit` points, each one scored."""
    return engine.QueryRequest(limit=limit, query=_nearest(branch, vector), filter=where, params=_params(branch, True))


def _nearest(name: str, vector: QueryVector) -> engine.Query:
    value: Any = vector
    if isinstance(vector, SparseVector):
        value = engine.SparseVector(vector.indices.tolist(), vector.values.tolist())
    return engine.Query.Nearest(value, using=name)


def _params(branch: Branch, exact: bool = False) -> engine.SearchParams:
    return engine.SearchParams(exact=exact, idf=_WHOLE_CORPUS if branch == "bm25" else None)


def scored(points: Sequence[engine.ScoredPoint]) -> Scored:
    """The engine's answer as ids and scores."""
    return ranked([str(point.id) for point in points], [point.score for point in points])


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
        return HomeError(f"The disk of {folder} is full. Free some space, or choose another place with --home.")
    return HomeError(
        f"The store in {folder} cannot be written ({error.strerror or error}). "
        "Make it writable, or choose another place with --home."
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
