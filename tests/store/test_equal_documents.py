"""Documents of the same words have the same BM25 score, wherever they stand among the others."""

import uuid

import numpy as np

from trsllava.store.protocol import SparseVector, TilePoint
from trsllava.store.scoring import MANY, StoredVectors


def test_equal_documents_have_equal_scores_in_any_place() -> None:
    random = np.random.default_rng(0)
    terms = np.arange(40, dtype=np.uint32)
    said = SparseVector(terms[:20], random.uniform(1, 2, 20).astype(np.float32))
    other = SparseVector(terms[20:], np.ones(20, np.float32))
    dense = np.zeros((1, 2), np.float32)
    points = [TilePoint(str(uuid.UUID(int=number)), dense, said if number % 3 else other) for number in range(301)]
    asked = [SparseVector(terms[:20], random.uniform(1, 3, 20).astype(np.float32)) for _ in range(4 * MANY)]
    for found in StoredVectors.of(points).scored("bm25", asked):
        assert found.scores[0] > 16, "float32 is coarser than a tie here"
        assert len(np.unique(found.scores)) == 1
