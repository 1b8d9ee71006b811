"""What a store refuses before it writes or scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trsllava.errors import CollectionMismatchError, InputError
from trsllava.records import Branch
from trsllava.store.payload import KEYWORD_KEYS
from trsllava.store.protocol import QueryVector, SparseVector, StoreSchema, TilePoint


def check_schema(where: str, existing: StoreSchema, asked: StoreSchema) -> None:
    """Raises CollectionMismatchError where a collection exists with other dimensions."""
    if existing != asked:
        raise CollectionMismatchError(
            f"{where} holds vectors of {_words(existing)}, not of {_words(asked)}: it was built with another encoder. "
            "Rebuild it with `trsllava reindex`, or name the encoder it was built with."
        )


def check_points(where: str, schema: StoreSchema, points: Sequence[TilePoint]) -> None:
    """Raises CollectionMismatchError for a wrong dimension, InputError for a tile without captions."""
    for point in points:
        if point.dense.ndim != 2 or not len(point.dense):
            raise InputError(f"Tile {point.id} has no caption vectors. Give it at least one caption.")
        image_dim = None if point.image is None else point.image.shape[-1]
        if point.dense.shape[1] != schema.dense_dim or image_dim not in (None, schema.image_dim):
            check_schema(where, schema, StoreSchema(point.dense.shape[1], image_dim))


def check_vector(where: str, schema: StoreSchema, branch: Branch, vector: QueryVector) -> None:
    """Raises CollectionMismatchError where a query vector does not fit the branch."""
    if isinstance(vector, SparseVector):
        return
    expected = schema.dense_dim if branch == "dense" else schema.image_dim
    if expected is None:
        raise CollectionMismatchError(
            f"{where} holds no image vectors. Rebuild it with an image encoder: `trsllava reindex`."
        )
    if np.shape(vector) != (expected,):
        raise CollectionMismatchError(
            f"{where} holds {branch} vectors of {expected} numbers, the query has {np.shape(vector)[-1]}: "
            "it comes from another encoder. Name the encoder the collection was built with."
        )


def check_facet(key: str) -> None:
    """Raises InputError for a key whose values cannot be counted."""
    if key not in KEYWORD_KEYS:
        raise InputError(f"The values of {key!r} cannot be counted, those of {' and '.join(KEYWORD_KEYS)} can.")


def _words(schema: StoreSchema) -> str:
    return f"{schema.dense_dim} numbers" + (f" (image: {schema.image_dim})" if schema.image_dim else "")
