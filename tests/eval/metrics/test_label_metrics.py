"""LuojiaHOG's metrics of shared labels: hand-worked cases, and a second, plain implementation."""

import math
from itertools import permutations
from statistics import mean

import numpy as np
import pytest

from eval.metrics.acg import acg
from eval.metrics.label_map import label_ap
from eval.metrics.ndcg import ndcg
from eval.metrics.shared_labels import rank_labels
from eval.metrics.weighted_map import weighted_ap

METRICS = (label_ap, weighted_ap, ndcg, acg)


def ranked(scores, shared, depth=100):
    return rank_labels(np.array(scores, np.float32), np.array(shared), depth)


def in_order(*shared):
    """Items that come in the order given."""
    return ranked(np.linspace(1, 0.1, len(shared)), shared)


def plain(order, n):
    """Equations 26, 27, 29 and 30, summand by summand: `order` is C(q, i) of the whole collection as ranked."""
    top = order[:n]
    gain = sum(top) / n
    dcg = sum((2**c - 1) / math.log2(1 + i) for i, c in enumerate(top, start=1))
    best = sum((2**c - 1) / math.log2(1 + i) for i, c in enumerate(sorted(order, reverse=True)[:n], start=1))
    hits, precisions, gains = 0, [], []
    for i, c in enumerate(top, start=1):
        if c > 0:
            hits += 1
            precisions.append(hits / i)
            gains.append(sum(top[:i]) / i)
    return (sum(precisions) / hits if hits else 0, sum(gains) / hits if hits else 0, dcg / best if best else 0, gain)


def test_a_case_worked_by_hand():
    ranking = in_order(1, 0, 3, 0, 2)
    # ACG@3 = (1 + 0 + 3) / 3, ACG@5 = 6 / 5
    assert acg(ranking, 3) == pytest.approx(4 / 3)
    assert acg(ranking, 5) == pytest.approx(6 / 5)
    # AP@3: relevant at 1 and 3, precisions 1/1 and 2/3, divided by the two of them that are within the first three
    assert label_ap(ranking, 3) == pytest.approx((1 + 2 / 3) / 2)
    # AP@5: a third at 5, precision 3/5
    assert label_ap(ranking, 5) == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)
    # WAP@5: ACG@1 = 1, ACG@3 = 4/3, ACG@5 = 6/5
    assert weighted_ap(ranking, 5) == pytest.approx((1 + 4 / 3 + 6 / 5) / 3)
    # DCG@3 = 1/log2(2) + 0 + 7/log2(4) = 4.5; the collection's best three are 3, 2, 1: 7 + 3/log2(3) + 1/2
    assert ndcg(ranking, 3) == pytest.approx(4.5 / (7 + 3 / math.log2(3) + 0.5))


def test_average_precision_divides_by_what_is_relevant_within_the_first_n_and_not_by_all_of_it():
    # One hit at the top and nine relevant items below the cut: trec_eval would give 1/10.
    assert label_ap(in_order(1, 0, *[1] * 9), 2) == 1.0


def test_the_ideal_order_is_of_the_whole_collection():
    # The best item is fourth: DCG@3 = 1, Z_3 = 3 + 1/log2(3).
    assert ndcg(in_order(1, 0, 0, 2), 3) == pytest.approx(1 / (3 + 1 / math.log2(3)))


def test_weighted_precision_and_gain_count_labels_and_pass_one():
    assert weighted_ap(in_order(4, 2), 2) == pytest.approx((4 + 3) / 2)
    assert acg(in_order(4, 2), 2) == 3.0


@pytest.mark.parametrize("metric", METRICS)
def test_nothing_relevant_is_zero(metric):
    assert metric(in_order(0, 0, 0), 2) == 0.0
    assert metric(ranked([0.5, 0.5, 0.5], [0, 0, 0]), 2) == 0.0


@pytest.mark.parametrize("metric", METRICS)
def test_nothing_relevant_within_the_first_n_is_zero(metric):
    assert metric(in_order(0, 0, 3), 2) == 0.0


def test_a_collection_smaller_than_n_counts_as_if_the_rest_shared_nothing():
    ranking = in_order(2, 1)
    assert acg(ranking, 10) == pytest.approx(3 / 10)
    assert label_ap(ranking, 10) == 1.0
    assert weighted_ap(ranking, 10) == pytest.approx((2 + 1.5) / 2)
    assert ndcg(ranking, 10) == 1.0


def test_ties_count_in_expectation_worked_by_hand():
    # Two items tie at the top, one relevant with two labels. Either it is first (AP 1, WAP 2) or second (1/2, 1).
    ranking = ranked([0.5, 0.5, 0.1], [2, 0, 1])
    assert label_ap(ranking, 2) == pytest.approx((1 + 1 / 2) / 2)
    assert weighted_ap(ranking, 2) == pytest.approx((2 + 1) / 2)
    # At rank 1 it is met with chance one half.
    assert acg(ranking, 1) == 1.0
    assert label_ap(ranking, 1) == 0.5
    assert ndcg(ranking, 1) == pytest.approx(1.5 / 3)


def test_scores_within_a_millionth_of_a_groups_best_are_tied():
    assert acg(ranked([0.5, 0.5 + 8e-7], [1, 0]), 1) == 0.5
    assert acg(ranked([0.5, 0.5 + 2e-6], [1, 0]), 1) == 0.0


@pytest.mark.parametrize("block", range(10))
def test_without_ties_the_plain_implementation_agrees(block):
    random = np.random.default_rng(block)
    for _ in range(30):
        size, n = random.integers(1, 60), int(random.integers(1, 40))
        scores = random.permutation(size) / size
        shared = random.choice([0, 0, 0, 1, 2, 5], size)
        ranking = ranked(scores, shared, depth=n + int(random.integers(0, 20)))
        expected = plain([int(c) for c in shared[np.argsort(-scores)]], n)
        assert [metric(ranking, n) for metric in METRICS] == pytest.approx(expected)


@pytest.mark.parametrize("block", range(10))
def test_with_ties_and_duplicates_they_are_the_mean_over_all_orders(block):
    random = np.random.default_rng(100 + block)
    for _ in range(24):
        size, n = int(random.integers(1, 7)), int(random.integers(1, 7))
        scores, shared = random.integers(0, 3, size), random.integers(0, 3, size)
        orders = [sorted(order, key=lambda i: -scores[i]) for order in permutations(range(size))]
        every = [plain([int(shared[i]) for i in order], n) for order in orders]
        ranking = ranked(scores, shared, depth=n)
        assert [metric(ranking, n) for metric in METRICS] == pytest.approx(
            [mean(values) for values in zip(*every, strict=True)]
        )


def test_a_large_group_that_the_cut_divides_agrees_with_a_sample_of_its_orders():
    random = np.random.default_rng(0)
    shared = random.choice([0, 0, 1, 3], 40)
    scores = np.repeat([0.9, 0.5, 0.1], [5, 30, 5])
    drawn = [np.lexsort((random.random(40), -scores)) for _ in range(4000)]
    sampled = np.mean([plain([int(c) for c in shared[order]], 12) for order in drawn], axis=0)
    ranking = ranked(scores, shared, depth=20)
    assert [metric(ranking, 12) for metric in METRICS] == pytest.approx(sampled, abs=0.02)
