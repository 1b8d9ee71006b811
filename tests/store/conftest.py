"""Tiles and stores for the tests of this folder."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trsllava.store.embedded import EmbeddedStore
from trsllava.store.protocol import SparseVector, StoreSchema, TilePoint

DIM = 8
TileMaker = Callable[..., TilePoint]


@pytest.fixture
def tile() -> TileMaker:
    """Makes tile number `n`, always the same: one to five captions, a few of 30 words, other fields as given."""

    def make(n: int, **given: Any) -> TilePoint:
        rng = np.random.default_rng(n)
        rows = rng.normal(size=(1 + n % 5, DIM)).astype(np.float32)
        words = np.unique(rng.integers(0, 30, 6)).astype(np.uint32)
        fields = {
            "id": str(uuid.UUID(int=n)),
            "dense": rows / np.linalg.norm(rows, axis=1, keepdims=True),
            "sparse": SparseVector(words, rng.uniform(0.5, 2, len(words)).astype(np.float32)),
        }
        return TilePoint(**(fields | given))

    return make


@pytest.fixture
def schema() -> StoreSchema:
    return StoreSchema(dense_dim=DIM)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path, schema: StoreSchema) -> Iterator[EmbeddedStore]:
    """An empty embedded collection."""
    embedded = EmbeddedStore(folder)
    embedded.create(schema)
    yield embedded
    embedded.close()
