"""Splits without spatial leakage."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.sampling.blocks import EARTH_KM, Split, split_by_blocks


def scattered(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Some evenly over a land of about 200 km, some in a dense town."""
    rng = np.random.default_rng(seed)
    return (
        np.concatenate([rng.uniform(10, 13, count), rng.normal(11, 0.05, count // 2)]),
        np.concatenate([rng.uniform(48, 50, count), rng.normal(49, 0.05, count // 2)]),
    )


def distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """`(n, n)` kilometres, by the haversine formula."""
    x, y = np.radians(x), np.radians(y)
    half = np.sin((y[:, None] - y) / 2) ** 2 + np.cos(y[:, None]) * np.cos(y) * np.sin((x[:, None] - x) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(half))


@settings(max_examples=25)
@given(
    count=st.integers(2, 120),
    seed=st.integers(0, 99),
    block=st.sampled_from([5.0, 20.0, 80.0]),
    gap=st.sampled_from([0.0, 1.0, 7.5]),
)
def test_no_two_splits_come_nearer_than_the_gap(count: int, seed: int, block: float, gap: float) -> None:
    x, y = scattered(count, seed)
    found = split_by_blocks(x, y, block_km=block, gap_km=gap, seed=seed)
    names, between = np.array(found.names), distances(x, y)

    for one, other in combinations(("train", "val", "test"), 2):
        pair = between[np.ix_(names == one, names == other)]
        if pair.size:
            assert pair.min() >= gap - 1e-6
            assert found.nearest_km[one, other] == pytest.approx(pair.min(), abs=1e-4)
        else:
            assert (one, other) not in found.nearest_km
    assert found.left_out == (names == "").sum()


def split(**options: float) -> Split:
    x, y = scattered(600, 1)
    return split_by_blocks(x, y, **{"block_km": 10, "gap_km": 1, "seed": 0, **options})  # type: ignore[arg-type]


def test_shares_are_the_papers() -> None:
    names = split(gap_km=0).names

    assert [names.count(name) / len(names) for name in ("train", "val", "test")] == pytest.approx(
        [0.7, 0.1, 0.2], abs=0.05
    )


def test_without_a_gap_nothing_is_left_out_and_a_wider_gap_leaves_out_more() -> None:
    assert split(gap_km=0).left_out == 0
    assert 0 < split(gap_km=1).left_out < split(gap_km=4).left_out


def test_test_points_are_never_given_up() -> None:
    assert split(gap_km=4).names.count("val") == split(gap_km=0).names.count("val")


def test_equal_seeds_split_equally() -> None:
    assert split() == split()
    assert split() != split(seed=1)


def test_points_across_the_dateline_are_neighbours() -> None:
    x = np.array([179.999, -179.999] * 2)
    found = split_by_blocks(
        x, np.array([0.001, 0.001, 40, 40]), block_km=50, gap_km=5, seed=0, shares={"train": 0.5, "test": 0.5}
    )

    assert found.nearest_km.get(("train", "test"), np.inf) > 5


def test_one_block_is_one_split() -> None:
    found = split_by_blocks([10.0, 10.001], [50.0, 50.001], block_km=100, gap_km=1, seed=0)

    assert list(found.names) == ["train", "train"]
    assert found.nearest_km == {}
