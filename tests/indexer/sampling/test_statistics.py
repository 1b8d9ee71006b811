"""Moran's I, global and local, and Gi*: hand-worked, against esda, and their laws."""

from __future__ import annotations

import warnings
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sampling.getis_ord import gi_star
from indexer.sampling.moran import LocalMoran, Moments, global_moran, local_moran, two_sided
from indexer.sampling.neighbours import Counts, Floats, Weights, strips
from indexer.sampling.permutation import Permutations
from trsllava.errors import InputError

EQUAL = Weights(gamma=0)


def one_light() -> Floats:
    """5 × 5 cells: 25 in the middle, 0 around; the mean is 1, the squared deviations add up to 600."""
    values = np.zeros((5, 5))
    values[2, 2] = 25
    return values


def field(height: int = 9, width: int = 12) -> Floats:
    return np.random.default_rng(5).gamma(2, size=(height, width))


def whole_local(values: Floats, weights: Weights) -> LocalMoran:
    return local_moran(values, weights, Moments.of(values), slice(0, len(values)))


def whole_gi(values: Floats, weights: Weights) -> Floats:
    return gi_star(values, weights, Moments.of(values), slice(0, len(values)))


def pysal_weights(height: int, width: int, weights: Weights) -> Any:
    from libpysal.weights import W, lat2W

    queen = lat2W(height, width, rook=False)
    by_distance = {
        one: [1.0 if abs(one - other) in (1, width) else weights.corner for other in others]
        for one, others in queen.neighbors.items()
    }
    return W(queen.neighbors, by_distance, silence_warnings=True)


@pytest.fixture(scope="module", autouse=True)
def _esda() -> None:
    """Loaded once; what it and its libraries warn of is not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")


def test_global_index_by_hand() -> None:
    # Of 144 ordered pairs of neighbours, 16 have the light in them: (144 - 16) * 1 + 16 * (24 * -1) = -256.
    found = global_moran(one_light(), EQUAL, Moments.of(one_light()))

    assert found.index == pytest.approx(25 / 144 * -256 / 600)
    assert found.expected == pytest.approx(-1 / 24)


def test_local_index_by_hand() -> None:
    found = whole_local(one_light(), EQUAL).index

    assert found[2, 2] == pytest.approx(24 * -8)  # S² leaves the light out: 24 / 24
    assert found[1, 1] == pytest.approx(-1 * (24 - 7) / (599 / 24))
    assert found[0, 0] == pytest.approx(-1 * -3 / (599 / 24))


def test_gi_star_by_hand() -> None:
    found = whole_gi(one_light(), EQUAL)

    assert found[2, 2] == pytest.approx((25 - 9) / (sqrt(24) * sqrt((25 * 9 - 81) / 24)))
    assert found[0, 0] == pytest.approx((0 - 4) / (sqrt(24) * sqrt((25 * 4 - 16) / 24)))


def test_corners_weigh_less_the_larger_gamma_is() -> None:
    assert [Weights(gamma).corner for gamma in (0, 1, 2)] == pytest.approx([1, 1 / sqrt(2), 1 / 2])
    assert whole_local(one_light(), Weights(2)).index[2, 2] == pytest.approx(24 * -(4 + 4 / 2))


@pytest.mark.parametrize("gamma", [0.0, 1.0, 2.5])
def test_global_index_as_esda_has_it(gamma: float) -> None:
    from esda.moran import Moran

    values, weights = field(), Weights(gamma)
    found = global_moran(values, weights, Moments.of(values))
    expected = Moran(values.ravel(), pysal_weights(9, 12, weights), transformation="O", permutations=0)

    assert (found.index, found.z, found.p) == pytest.approx((expected.I, expected.z_rand, expected.p_rand), abs=1e-9)


@pytest.mark.parametrize("gamma", [0.0, 1.0])
def test_local_index_as_esda_has_it(gamma: float) -> None:
    from esda.moran import Moran_Local

    values, weights = field(), Weights(gamma)
    found, n = whole_local(values, weights), values.size
    expected = Moran_Local(values.ravel(), pysal_weights(9, 12, weights), transformation="O", permutations=0)

    # esda divides by the variance of all cells, eq. 5 by that of the others
    squares = found.deviation.ravel() ** 2
    of_all = found.index.ravel() * (squares.sum() - squares) / squares.sum()
    np.testing.assert_allclose(of_all, expected.Is, atol=1e-9)
    # its moments are those of z · lag / m2, and its index is (n - 1) / n of that
    z = (expected.Is * n / (n - 1) - expected.EIc) / np.sqrt(expected.VIc)
    np.testing.assert_allclose(found.z.ravel(), z, atol=1e-9)
    np.testing.assert_array_equal(found.lag.ravel() > 0, np.isin(expected.q, (1, 2)))


def test_gi_star_as_esda_has_it() -> None:
    from esda.getisord import G_Local

    values = field()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = G_Local(values.ravel(), pysal_weights(9, 12, EQUAL), transform="B", permutations=0, star=True)

    found = whole_gi(values, EQUAL)
    np.testing.assert_allclose(found.ravel(), expected.Zs, atol=1e-9)
    np.testing.assert_allclose(two_sided(found).ravel(), 2 * expected.p_norm, atol=1e-9)


def test_permuted_p_is_esdas_but_for_chance() -> None:
    from esda.moran import Moran_Local

    values, rows = field(), slice(0, 9)
    local = whole_local(values, EQUAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weights = pysal_weights(9, 12, EQUAL)
        expected = Moran_Local(values.ravel(), weights, transformation="O", permutations=4999, seed=1)
    drawn = Permutations(local.deviation, EQUAL, draws=9999, seed=0)
    found = drawn.p(local.deviation, local.lag, Counts.of(values, rows), rows)

    assert np.abs(found.ravel() - np.minimum(1, 2 * expected.p_sim)).max() < 0.05


def plain(values: Floats, weights: Weights) -> tuple[Floats, Floats]:
    """Local I and Gi* as eq. 4 to 7 are printed, cell by cell, over the cells with data."""
    cells = [(int(r), int(c)) for r, c in np.argwhere(~np.isnan(values))]
    x = np.array([values[cell] for cell in cells])
    n, index, gi = len(x), np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    for i, (row, col) in enumerate(cells):
        w = np.zeros(n)
        for j, (r, c) in enumerate(cells):
            if i != j and max(abs(r - row), abs(c - col)) == 1:
                w[j] = 1.0 if r == row or c == col else weights.corner
        others = np.arange(n) != i
        spread = ((x[others] - x.mean()) ** 2).sum() / (n - 1)
        index[row, col] = (x[i] - x.mean()) / spread * (w * (x - x.mean()))[others].sum()
        w[i] = 1.0
        s = sqrt((x**2).sum() / n - x.mean() ** 2)
        gi[row, col] = ((w * x).sum() - x.mean() * w.sum()) / (s * sqrt((n * (w**2).sum() - w.sum() ** 2) / (n - 1)))
    return index, gi


def test_cells_without_data_are_nobodys_neighbours() -> None:
    values = field(6, 7)
    values[0, 0] = values[3, 3] = values[3, 4] = values[5, 6] = np.nan
    index, gi = plain(values, Weights(1))

    np.testing.assert_allclose(whole_local(values, Weights(1)).index, index, atol=1e-12)
    np.testing.assert_allclose(whole_gi(values, Weights(1)), gi, atol=1e-12)


@given(factor=st.floats(0.01, 1000), shift=st.floats(-1000, 1000))
def test_no_statistic_knows_the_unit_of_the_values(factor: float, shift: float) -> None:
    values = field(5, 6)
    other = factor * values + shift

    assert global_moran(other, EQUAL, Moments.of(other)).z == pytest.approx(
        global_moran(values, EQUAL, Moments.of(values)).z, rel=1e-5
    )
    np.testing.assert_allclose(whole_gi(other, EQUAL), whole_gi(values, EQUAL), atol=1e-5)


@pytest.mark.parametrize("rows", [1, 4])
def test_rows_taken_apart_give_what_they_give_together(rows: int) -> None:
    values = field()
    values[2, 3] = np.nan
    moments, whole = Moments.of(values), whole_local(values, EQUAL)
    for start in range(0, 9, rows):
        part = slice(start, min(9, start + rows))
        np.testing.assert_array_equal(local_moran(values, EQUAL, moments, part).z, whole.z[part])
        np.testing.assert_array_equal(gi_star(values, EQUAL, moments, part), whole_gi(values, EQUAL)[part])


def test_strips_cover_every_row_once() -> None:
    found = list(strips((3000, 200)))

    assert len(found) > 1
    assert [row for part in found for row in range(part.start, part.stop)] == list(range(3000))


def test_where_all_cells_are_neighbours_nothing_stands_out() -> None:
    values = np.array([[1.0, 2.0], [3.0, 7.0]])
    found = global_moran(values, EQUAL, Moments.of(values))

    assert found.index == pytest.approx(-1 / 3)
    assert (found.z, found.p) == (0, 1)
    assert not whole_gi(values, EQUAL).any()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.full((5, 5), 7.3), "same value"),
        (np.array([[1.0, 2.0, np.nan]]), "2 cells with data"),
        (np.full((3, 3), np.nan), "0 cells with data"),
    ],
)
def test_values_without_a_pattern_are_refused(values: Floats, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Moments.of(values)


def test_cells_that_all_stand_alone_are_refused() -> None:
    values = np.full((5, 5), np.nan)
    values[::2, ::2] = np.arange(9).reshape(3, 3)
    with pytest.raises(InputError, match="neighbour"):
        global_moran(values, EQUAL, Moments.of(values))
