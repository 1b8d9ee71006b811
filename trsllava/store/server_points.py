"""Our words in the server's: collection settings, points, filters and queries of `qdrant_client`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qdrant_client import models

from trsllava.records import Branch, Filters, PropertyCondition
from trsllava.store.payload import EXTENTS, BoxRange, box_ranges, property_key, seconds, to_payload
from trsllava.store.pooling import candidates, pool
from trsllava.store.protocol import QueryVector, SparseVector, StoreSchema, TilePoint

_RAW = models.SearchParams(quantization=models.QuantizationSearchParams(rescore=False))
"""The pooled stage only proposes: its scores need not be exact."""


def vectors_config(schema: StoreSchema) -> dict[str, models.VectorParams]:
    """The embedded store's layout: `edge.config`."""
    cosine = models.Distance.COSINE
    int8 = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
    config = {
        "pooled": models.VectorParams(
            size=schema.dense_dim, distance=cosine, quantization_config=models.ScalarQuantization(scalar=int8)
        ),
        "dense": models.VectorParams(
            size=schema.dense_dim,
            distance=cosine,
            multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
            hnsw_config=models.HnswConfigDiff(m=0),
        ),
    }
    if schema.image_dim is not None:
        config["image"] = models.VectorParams(size=schema.image_dim, distance=cosine)
    return config


def sparse_config() -> dict[str, models.SparseVectorParams]:
    """BM25 weights, to which the server adds inverse document frequencies: those of the whole collection, in which a
    replaced or deleted tile counts until the server has optimised its segment."""
    return {"bm25": models.SparseVectorParams(modifier=models.Modifier.IDF)}


def to_point(point: TilePoint) -> models.PointStruct:
    """A tile as the server stores it; an empty BM25 vector is left out, or it would count as a document."""
    vectors: dict[str, Any] = {"dense": point.dense.tolist(), "pooled": pool(point.dense).tolist()}
    if point.sparse.indices.size:
        vectors["bm25"] = _sparse(point.sparse)
    if point.image is not None:
        vectors["image"] = point.image.tolist()
    return models.PointStruct(id=point.id, vector=vectors, payload=to_payload(point))


def conditions(filters: Filters | None, ids: Sequence[str] | None = None) -> models.Filter | None:
    """Filters and a choice of tiles as one filter; None where every tile passes."""
    must: list[Any] = []
    if ids is not None:
        must.append(models.HasIdCondition(has_id=list(ids)))
    if filters is None or filters.is_empty():
        return models.Filter(must=must) if must else None
    must += [_matches("labels", models.MatchValue(value=label)) for label in filters.labels]
    must += [_matches("labels", models.MatchAny(any=list(group))) for group in filters.label_spellings]
    if filters.sources:
        must.append(_matches("sources", models.MatchAny(any=list(filters.sources))))
    if filters.end is not None:
        must.append(_within("acquired", None, seconds(filters.end)))
    if filters.start is not None:
        must.append(_until(seconds(filters.start)))
    if filters.spans:
        spans = [[_within("acquired", None, seconds(end)), _until(seconds(start))] for start, end in filters.spans]
        must.append(models.Filter(should=[models.Filter(must=span) for span in spans]))
    for boxes in ([filters.bbox] if filters.bbox else [], filters.area.boxes if filters.area else []):
        if boxes:
            ranges = [lies for box in boxes for lies in box_ranges(box, range(len(EXTENTS)))]
            must.append(models.Filter(should=[_lies_in(lies) for lies in ranges]))
    must += [_property(condition) for condition in filters.properties if condition.comparison != "!="]
    must_not: list[Any] = [_property(condition) for condition in filters.properties if condition.comparison == "!="]
    if filters.without_labels:
        must_not.append(_matches("labels", models.MatchAny(any=list(filters.without_labels))))
    return models.Filter(must=must, must_not=must_not)


def indexed_query(branch: Branch, vector: QueryVector, limit: int, where: models.Filter | None) -> models.QueryRequest:
    """The best `limit` points by the index; dense: candidates by the pooled vector, scored by their captions."""
    if branch != "dense":
        return models.QueryRequest(query=_nearest(branch, vector), using=branch, limit=limit, filter=where)
    found = models.Prefetch(
        query=_nearest("pooled", vector), using="pooled", limit=candidates(limit), filter=where, params=_RAW
    )
    return models.QueryRequest(query=_nearest(branch, vector), using=branch, limit=limit, prefetch=found)


def exact_query(branch: Branch, vector: QueryVector, limit: int, where: models.Filter | None) -> models.QueryRequest:
    """The best `limit` points, each one scored."""
    exact = models.SearchParams(exact=True)
    return models.QueryRequest(query=_nearest(branch, vector), using=branch, limit=limit, filter=where, params=exact)


def _nearest(name: str, vector: QueryVector) -> models.NearestQuery:
    if isinstance(vector, SparseVector):
        return models.NearestQuery(nearest=_sparse(vector))
    return models.NearestQuery(nearest=[vector.tolist()] if name == "dense" else vector.tolist())


def _sparse(vector: SparseVector) -> models.SparseVector:
    return models.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist())


def _matches(key: str, match: Any) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=match)


def _property(condition: PropertyCondition) -> Any:
    """A tile meets it; of `!=` it must not."""
    key, number = property_key(condition.name), condition.number
    text = _matches(key, models.MatchValue(value=condition.value.casefold()))
    if number is None:
        return text
    match condition.comparison:
        case "<":
            return models.FieldCondition(key=key, range=models.Range(lt=number))
        case ">":
            return models.FieldCondition(key=key, range=models.Range(gt=number))
        case "<=":
            return _within(key, None, number)
        case ">=":
            return _within(key, number)
    return models.Filter(should=[_within(key, number, number), text])


def _within(key: str, least: float | None, most: float | None = None) -> models.FieldCondition:
    return models.FieldCondition(key=key, range=models.Range(gte=least, lte=most))


def _until(since: float) -> models.Filter:
    """Acquired then or later; an instant has no end, and tiles stored by earlier versions have none."""
    return models.Filter(should=[_within("acquired", since), _within("acquired_end", since)])


def _lies_in(lies: BoxRange) -> models.Filter:
    return models.Filter(
        must=[
            _matches("extent", models.MatchValue(value=lies.extent)),
            _within("west", *lies.west),
            _within("south", *lies.south),
            _within("east", lies.least_east),
            _within("north", lies.least_north),
        ]
    )
