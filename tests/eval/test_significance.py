"""The gain of one ranking over another, with its interval."""

from __future__ import annotations

import numpy as np
import pytest

from eval.report import measure
from eval.significance import bootstrap_gain, hits

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
