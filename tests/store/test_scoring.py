"""Scores of all tiles by arithmetic are the store's own."""

from __future__ import annotations

import numpy as np
import pytest

from trsllava.store.embedded import EmbeddedStore
from trsllava.store.protocol import SparseVector, StoreSchema
from trsllava.store.scoring import StoredVectors


@pytest.fixture
def points(tile):
    return [tile(n, image=None if n % 2 else np.eye(3, dtype=np.float32)[n % 3]) for n in range(12)]


@pytest.mark.parametrize(
    ("branch", "vector", "missing"),
    [
        ("dense", np.eye(8, dtype=np.float32)[2], np.nan),
        ("image", np.eye(3, dtype=np.float32)[1], np.nan),
        ("bm25", SparseVector(np.array([3, 7, 99], np.uint32), np.array([1, 2, 1], np.float32)), 0.0),
        ("bm25", SparseVector(np.array([99], np.uint32), np.ones(1, np.float32)), 0.0),
    ],
    ids=["dense", "image", "bm25", "an unknown word"],
)
def test_scores_in_the_order_of_ids_are_the_stores(folder, points, branch, vector, missing):
    store = EmbeddedStore(folder)
    store.create(StoreSchema(dense_dim=8, image_dim=3))
    store.upsert(points)
    (scored,) = store.exact(branch, [vector])
    store.close()
    known = dict(zip(scored.ids, scored.scores.tolist(), strict=True))
    vectors = StoredVectors.of(reversed(points))
    assert vectors.ids == [point.id for point in points]
    expected = [known.get(tile, missing) for tile in vectors.ids]
    assert vectors.scores(branch, vector).tolist() == pytest.approx(expected, abs=1e-5, nan_ok=True)


def test_a_tile_without_captions_is_not_known(tile):
    points = [tile(0), tile(1, dense=np.empty((0, 8), np.float32))]
    scores = StoredVectors.of(points).scores("dense", np.eye(8, dtype=np.float32)[0])
    assert np.isnan(scores).tolist() == [False, True]


@pytest.mark.parametrize("branch", ["dense", "image"])
def test_no_tiles_have_no_scores(branch):
    assert StoredVectors.of([]).scores(branch, np.ones(8, np.float32)).shape == (0,)
