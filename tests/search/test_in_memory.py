import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.search.in_memory import TilesInMemory
from trsllava.store.protocol import SparseVector, TilePoint
from trsllava.store.scoring import score_everything

_RANDOM = np.random.default_rng(0)


def unit(*shape):
    rows = _RANDOM.normal(size=shape).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def words(terms):
    return SparseVector(np.array(sorted(terms), np.uint32), _RANDOM.uniform(0.5, 2, len(terms)).astype(np.float32))


documents = st.lists(st.sets(st.integers(0, 12), max_size=6), min_size=1, max_size=12)


def in_memory(points):
    pictures = np.stack([np.full(3, np.nan, np.float32) if point.image is None else point.image for point in points])
    return TilesInMemory(
        [point.id for point in points],
        {point.id: point.dense for point in points},
        [point.sparse for point in points],
        pictures,
    )


def by_the_store(points, branch, vector, missing):
    (scored,) = score_everything(points, branch, [vector])
    known = dict(zip(scored.ids, scored.scores.tolist(), strict=True))
    return [known.get(point.id, missing) for point in points]


@given(documents, st.sets(st.integers(0, 15), max_size=5))
def test_scores_are_the_stores_own(terms, asked):
    points = [
        TilePoint(
            id=f"t{number:02}",
            dense=unit(1 + number % 3, 4),
            sparse=words(own | {20}),
            image=unit(3) if number % 2 else None,
        )
        for number, own in enumerate(terms)
    ]
    tiles = in_memory(points)
    for branch, vector, missing in (
        ("dense", unit(4), np.nan),
        ("image", unit(3), np.nan),
        ("bm25", SparseVector(np.array(sorted(asked), np.uint32), np.ones(len(asked), np.float32)), 0.0),
    ):
        expected = by_the_store(points, branch, vector, missing)
        assert tiles.score(branch, vector).tolist() == pytest.approx(expected, abs=1e-5, nan_ok=True)


def test_a_tile_without_captions_is_not_known():
    tiles = TilesInMemory(["a", "b"], {"b": unit(2, 4)}, [words({1}), words({2})])
    scores = tiles.score("dense", unit(4))
    assert np.isnan(scores[0])
    assert not np.isnan(scores[1])


def test_no_tiles_have_no_scores():
    assert TilesInMemory([], {}, []).score("dense", unit(4)).shape == (0,)
    assert TilesInMemory([], {}, []).score("bm25", words({1})).shape == (0,)
