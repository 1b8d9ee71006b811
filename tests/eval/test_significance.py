"""The gain of one ranking over another, with its interval."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eval.report import measure
from eval.significance import Hits, bootstrap_gain, bootstrap_gains, hits, holm, randomisation_p

OWNER = np.repeat(np.arange(60), 3)


def noisy(strength: float, seed: int) -> np.ndarray:  # type: ignore[type-arg]
    scores = np.random.default_rng(seed).normal(size=(180, 60))
    scores[np.arange(180), OWNER] += strength
    return scores.astype(np.float32)


def test_the_gain_is_the_difference_of_the_measured_figures() -> None:
    weak, strong = noisy(1, 0), noisy(2, 1)
    gain = bootstrap_gain(hits(weak, weak, OWNER), hits(strong, strong, OWNER), draws=200)
    figures = [measure(scores, scores, OWNER)[0].mR for scores in (weak, strong)]
    assert gain.mean == pytest.approx(figures[1] - figures[0])
    assert 0 < gain.low < gain.mean < gain.high


def test_nothing_is_gained_over_oneself() -> None:
    same = hits(noisy(1, 0), noisy(1, 0), OWNER)
    gain = bootstrap_gain(same, same, draws=50)
    assert (gain.mean, gain.low, gain.high) == (0, 0, 0)


def test_a_mere_change_of_noise_is_no_gain() -> None:
    one, other = noisy(1.5, 2), noisy(1.5, 3)
    gain = bootstrap_gain(hits(one, one, OWNER), hits(other, other, OWNER), draws=500)
    assert gain.low < 0 < gain.high


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    """The true gain is that of very many images."""
    truth = np.mean([
        measure(noisy(2, seed), noisy(2, seed), OWNER)[0].mR - measure(noisy(1, 1000 + seed), noisy(1, 1000 + seed),
                                                                        OWNER)[0].mR
        for seed in range(100)
    ])  # fmt: skip
    held = 0
    for seed in range(60):
        weak, strong = noisy(1, 5000 + seed), noisy(2, 6000 + seed)
        gain = bootstrap_gain(hits(weak, weak, OWNER), hits(strong, strong, OWNER), draws=300, seed=seed)
        held += gain.low <= truth <= gain.high
    assert held >= 50


def test_every_recall_has_its_gain_and_the_last_is_of_their_mean() -> None:
    weak, strong = noisy(1, 0), noisy(2, 1)
    gains = bootstrap_gains(hits(weak, weak, OWNER), hits(strong, strong, OWNER), draws=200)
    before, after = measure(weak, weak, OWNER)[0], measure(strong, strong, OWNER)[0]
    real = [after.t2i[k] - before.t2i[k] for k in after.t2i] + [after.i2t[k] - before.i2t[k] for k in after.i2t]
    assert [gain.mean for gain in gains] == pytest.approx([*real, after.mR - before.mR])
    assert all(gain.low <= gain.mean <= gain.high for gain in gains)


def test_a_clear_gain_is_not_chance_and_a_change_of_noise_may_be() -> None:
    one, other, strong = (hits(m, m, OWNER) for m in (noisy(1, 2), noisy(1, 3), noisy(3, 4)))
    assert randomisation_p(one, strong, draws=500)[-1] == pytest.approx(1 / 501)
    assert randomisation_p(one, other, draws=500)[-1] > 0.05
    assert randomisation_p(one, one, draws=500) == [1.0] * 7


def test_the_randomisation_test_nears_the_share_of_all_swaps() -> None:
    """Against counting every one of the 2^8 ways to swap eight images, each with two texts."""
    random = np.random.default_rng(5)
    owner = np.repeat(np.arange(8), 2)
    one, other = ({"t2i": Hits(random.random((3, 16)), owner), "i2t": Hits(random.random((3, 8)), np.arange(8))}
                  for _ in range(2))  # fmt: skip
    gains = {way: other[way].values - one[way].values for way in one}

    def difference(signs: np.ndarray) -> float:  # type: ignore[type-arg]
        return float(np.mean([(signs[owner] * gains["t2i"]).mean(1), (signs * gains["i2t"]).mean(1)]))

    real = abs(difference(np.ones(8)))
    every = [abs(difference(np.array(signs))) >= real - 1e-12 for signs in product((-1, 1), repeat=8)]
    assert randomisation_p(one, other, draws=20_000)[-1] == pytest.approx(np.mean(every), abs=0.02)


def test_where_nothing_differs_one_test_of_twenty_is_below_a_twentieth() -> None:
    below = 0
    for seed in range(200):
        one, other = noisy(1.5, 2 * seed), noisy(1.5, 2 * seed + 1)
        below += randomisation_p(hits(one, one, OWNER), hits(other, other, OWNER), draws=199, seed=seed)[-1] <= 0.05
    assert below <= 20


def test_holm_raises_p_values_by_the_tests_that_are_left() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_lowers_nothing(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(after >= before for before, after in zip(p_values, adjusted, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert list(np.array(adjusted)[order]) == sorted(adjusted)


@pytest.mark.parametrize("seed", range(5))
def test_both_agree_with_scipy_where_every_image_has_one_query(seed: int) -> None:
    random = np.random.default_rng(seed)
    one, other = random.random(12), random.random(12) + 0.2
    before, after = ({"t2i": Hits(values[None], np.arange(12))} for values in (one, other))

    def gained(a: np.ndarray, b: np.ndarray, axis: int = -1) -> np.ndarray:  # type: ignore[type-arg]
        return (b - a).mean(axis=axis)

    swaps = stats.permutation_test((one, other), gained, permutation_type="samples", n_resamples=10_000)
    assert randomisation_p(before, after, draws=20_000)[0] == pytest.approx(swaps.pvalue, abs=0.015)
    drawn = stats.bootstrap((one, other), gained, paired=True, method="percentile", n_resamples=20_000, rng=seed)
    gain = bootstrap_gains(before, after, draws=20_000)[0]
    assert (gain.low, gain.high) == pytest.approx([100 * end for end in drawn.confidence_interval], abs=1.0)
