"""Conditional permutation, with draws that cells share."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from indexer.sampling.moran import Moments, local_moran
from indexer.sampling.neighbours import Counts, Floats, Weights
from indexer.sampling.permutation import Permutations, _distinct


def p_of(values: Floats, *, draws: int = 999, seed: int = 0, rows: int | None = None) -> Floats:
    weights, found = Weights(0), []
    permutations = Permutations(values - np.nanmean(values), weights, draws=draws, seed=seed)
    moments, step = Moments.of(values), rows or len(values)
    for start in range(0, len(values), step):
        part = slice(start, min(len(values), start + step))
        local = local_moran(values, weights, moments, part)
        found.append(permutations.p(local.deviation, local.lag, Counts.of(values, part), part))
    return np.concatenate(found)


def test_no_draw_has_a_number_twice_and_all_are_as_likely() -> None:
    drawn = _distinct(np.random.default_rng(0), 5, 60_000, 3)

    kinds, counts = np.unique(drawn, axis=0, return_counts=True)
    assert len(kinds) == 5 * 4 * 3
    assert np.abs(counts / 1000 - 1).max() < 0.15  # five standard deviations


def test_a_corners_p_is_that_of_all_ways_to_draw_three_others() -> None:
    values = np.random.default_rng(2).gamma(1, size=(4, 4))
    others = np.delete(values.ravel(), 0)
    sums = np.array([sum(three) for three in combinations(others, 3)])
    lag = values[0, 1] + values[1, 0] + values[1, 1]
    exact = 2 * min((sums >= lag - 1e-12).mean(), (sums <= lag + 1e-12).mean())

    assert p_of(values, draws=20_000)[0, 0] == pytest.approx(min(1, exact), abs=0.02)


def test_a_cell_is_never_its_own_neighbour() -> None:
    # Were the light drawn for itself, some of its draws would be far above all that it can have around it.
    values = np.arange(25.0).reshape(5, 5) / 1000
    values[2, 2] = 1000
    permutations = Permutations(values - values.mean(), Weights(0), draws=999, seed=0)
    local = local_moran(values, Weights(0), Moments.of(values), slice(0, 5))
    above = np.full_like(local.lag, 8 * 0.025 - 8 * values.mean())  # more than any eight others have

    found = permutations.p(local.deviation, above, Counts.of(values, slice(0, 5)), slice(0, 5))
    assert found[2, 2] == pytest.approx(2 / 1000)
    assert found[1, 1] > 0.3  # of any other cell's draws the light is in a third


def test_equal_seeds_give_equal_p_however_the_rows_are_cut() -> None:
    values = np.random.default_rng(0).normal(size=(12, 9))
    values[4, 4] = np.nan

    whole = p_of(values)
    np.testing.assert_array_equal(p_of(values, rows=5), whole)
    np.testing.assert_array_equal(p_of(values, rows=1), whole)
    assert (p_of(values, seed=1) != whole).any()
    assert np.isnan(whole).sum() == 1


def test_equal_values_are_never_unusual() -> None:
    values = np.zeros((10, 10))
    values[0, :5] = 0.1 + 0.2  # a sum that binary fractions round
    values[9, 9] = 1

    assert p_of(values)[4:7, 2:7].min() == pytest.approx(1.0)


def test_the_smallest_p_comes_from_the_number_of_draws() -> None:
    values = np.random.default_rng(0).normal(size=(30, 30))
    values[10:15, 10:15] += 50

    assert np.nanmin(p_of(values, draws=199)) == pytest.approx(2 / 200)


def test_a_cell_with_no_neighbours_has_nothing_unusual_around_it() -> None:
    values = np.full((5, 5), np.nan)
    values[0, 0] = 9
    values[3:, 3:] = [[1, 2], [3, 5]]

    assert p_of(values)[0, 0] == 1
