"""Counts by eq. 10 and 11, and the units of eq. 12."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sampling.counts import class_counts, region_counts, shared_out
from indexer.sampling.intervals import interval_sample
from indexer.sampling.landscape import Landscape


def landscape() -> Landscape:
    """Unit 0 and 1 belong to region 0, unit 2 to region 1."""
    return Landscape(
        units=np.array([0, 0, 1, 2, 2]),
        classes=np.array([1, 2, 1, 1, 3]),
        pixels=np.array([36, 64, 64, 25, 75]),
        edges=np.array([20, 20, 0, 0, 0]),
    )


def test_eq_10_by_hand() -> None:
    # 2 · 10 : 1 · 20 : 4 · 15 = 20 : 20 : 60
    assert region_counts(np.array([2.0, 1.0, 4.0]), np.array([10.0, 20.0, 15.0]), 10).tolist() == [2, 2, 6]


def test_eq_11_by_hand() -> None:
    found = class_counts(landscape(), np.array([0, 0, 1]), np.array([12, 0]))

    # class 1: 20 / (4 · 10) · 100 / 164; class 2: 20 / (4 · 8) · 64 / 164: 50 to 40
    assert found.index[:2] == pytest.approx([0.5, 0.625])
    assert found.share[:2] == pytest.approx([100 / 164, 64 / 164])
    assert found.counts.tolist() == [7, 5, 0, 0]
    assert found.regions.tolist() == [0, 0, 1, 1]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), st.integers(0, 1000))
def test_shares_add_up_and_are_within_one_of_exact(weights: list[float], total: int) -> None:
    given = np.array(weights)
    found = shared_out(given, total)

    if given.sum() > 0:
        assert found.sum() == total
        assert np.abs(found - given / given.sum() * total).max() < 1 + 1e-6
    else:
        assert not found.any()


def test_every_interval_of_the_curve_gives_one_unit() -> None:
    indexes = np.array([0.1, 0.0, 0.9, 0.5, 0.3, 0.0, 0.7, 0.2])  # in order: 2 6 3 4 7 0
    for seed in range(20):
        picked = interval_sample(indexes, 3, np.random.default_rng(seed)).tolist()
        assert [one in pair for one, pair in zip(picked, ({2, 6}, {3, 4}, {7, 0}), strict=True)] == [True] * 3


def test_more_samples_than_units_take_units_again() -> None:
    picked = interval_sample(np.array([0.2, 0.0, 0.4]), 6, np.random.default_rng(0))

    assert sorted(picked.tolist()) == [0, 0, 0, 2, 2, 2]


def test_units_of_one_class_alone_are_never_taken() -> None:
    assert interval_sample(np.zeros(5), 3, np.random.default_rng(0)).tolist() == []
