"""Hits@K cumulative over rounds, and BRI: hand-worked cases, and luck drawn out by brute force."""

import math

import numpy as np
import pytest

from eval.metrics.bri import bri
from eval.metrics.cumulative_hits import cumulative_hits
from eval.metrics.t2i import ahead_t2i

KS = (1, 3, 10)


def ranks(*rounds):
    """Ranks from 1 by round, nothing tied."""
    better = np.array(rounds) - 1
    return better, np.zeros_like(better)


def test_a_target_counts_from_the_first_round_that_shows_it_and_stays_counted():
    # One dialogue reaches rank 8 in round 1 and loses it again; the other never comes within the first ten.
    hits = cumulative_hits(*ranks([40, 12], [8, 11], [300, 11]), ks=KS)
    assert hits == {1: [0, 0, 0], 3: [0, 0, 0], 10: [0, 0.5, 0.5]}


def test_a_tie_counts_by_chance_and_once_for_the_whole_dialogue():
    # Two others tie with the target in every round: a third of the luck, however often it is asked.
    hits = cumulative_hits(np.zeros((5, 1), np.intp), np.full((5, 1), 2), ks=[1, 2, 3])
    assert hits[1] == pytest.approx([1 / 3] * 5)
    assert hits[2] == pytest.approx([2 / 3] * 5)
    assert hits[3] == pytest.approx([1] * 5)


def test_rounds_are_counted_from_the_scores_of_their_queries():
    # The target is image 0: second of three, then tied with one other, then alone in front.
    rounds = np.array([[[0.5, 0.9, 0.1]], [[0.5, 0.5, 0.1]], [[0.9, 0.5, 0.1]]], np.float32)
    better, tied = map(np.stack, zip(*(ahead_t2i(scores, np.array([0])) for scores in rounds), strict=True))
    assert cumulative_hits(better, tied, ks=[1]) == {1: [0, 0.5, 1]}


def test_bri_of_a_case_worked_by_hand():
    # T = 3. First dialogue: best ranks 8, 2, 2, 1; second: 4, 4, 4, 4.
    first = math.log(8 * 1) / 6 + (math.log(2) + math.log(2)) / 3
    second = math.log(4 * 4) / 6 + (math.log(4) + math.log(4)) / 3
    assert bri(*ranks([8, 4], [2, 9], [5, 4], [1, 7])) == pytest.approx((first + second) / 2)
    assert second == pytest.approx(math.log(4))


def test_bri_is_zero_where_every_target_is_first_from_the_start():
    assert bri(*ranks([1, 1], [7, 3])) == 0.0


def test_bri_of_a_tie_is_the_expected_logarithm():
    # Rank 1 or 2, the same in both rounds: (ln 1 + ln 2) / 2.
    assert bri(np.zeros((2, 1), np.intp), np.ones((2, 1), np.intp)) == pytest.approx(math.log(2) / 2)


def test_bri_needs_a_round_after_the_first_query():
    with pytest.raises(ValueError, match="round"):
        bri(*ranks([1, 2]))


def drawn(better, tied):
    """Ranks of one dialogue under each of its lucks, equally likely: `(rounds, lucks)`."""
    lucks = math.lcm(*(tied + 1).tolist())
    luck = (np.arange(lucks) + 0.5) / lucks
    return better[:, None] + 1 + np.floor(luck * (tied + 1)[:, None])


@pytest.mark.parametrize("block", range(10))
def test_both_are_the_mean_over_one_draw_of_luck_a_dialogue(block):
    random = np.random.default_rng(block)
    for _ in range(24):
        rounds, q = int(random.integers(2, 6)), int(random.integers(1, 4))
        better, tied = random.integers(0, 6, (rounds, q)), random.integers(0, 4, (rounds, q))
        hits, areas = np.zeros((len(KS), rounds)), []
        for dialogue in range(q):
            best = np.minimum.accumulate(drawn(better[:, dialogue], tied[:, dialogue]), axis=0)
            hits += [(best <= k).mean(axis=1) / q for k in KS]
            logs = np.log(best).mean(axis=1)
            t = rounds - 1
            areas.append((logs[0] + logs[-1]) / (2 * t) + logs[1:-1].sum() / t)
        ours = cumulative_hits(better, tied, KS)
        np.testing.assert_allclose([ours[k] for k in KS], hits, atol=1e-12)
        assert bri(better, tied) == pytest.approx(np.mean(areas))
