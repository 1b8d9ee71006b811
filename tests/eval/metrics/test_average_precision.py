"""Average precision against independent implementations, and ties against random orders."""

from __future__ import annotations

import doctest
from itertools import pairwise, permutations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from eval.metrics import average_precision as module
from eval.metrics.average_precision import average_precision, by_attribute, mean_over_attributes

CASES = 250


def by_hand(order: list[bool]) -> float:
    """The mean precision at the ranks of the relevant items."""
    ranks = [rank for rank, hit in enumerate(order, start=1) if hit]
    return sum(number / rank for number, rank in enumerate(ranks, start=1)) / len(ranks)


@pytest.mark.parametrize("seed", range(CASES))
def test_without_ties_it_is_scikit_learn_s(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 40))
    scores = rng.permutation(n).astype(np.float32) / 7
    relevant = rng.random(n) < 0.4
    relevant[rng.integers(n)] = True
    assert average_precision(scores, relevant) == pytest.approx(average_precision_score(relevant, scores), abs=1e-12)


@pytest.mark.parametrize("seed", range(CASES))
def test_ties_count_as_the_average_over_all_orders(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    scores = rng.integers(0, 3, n).astype(np.float32)
    relevant = rng.random(n) < 0.5
    relevant[rng.integers(n)] = True
    orders = [
        by_hand([bool(relevant[i]) for i in order])
        for order in permutations(range(n))
        if all(scores[a] >= scores[b] for a, b in pairwise(order))
    ]
    assert average_precision(scores, relevant) == pytest.approx(np.mean(orders), abs=1e-12)


def test_worked_by_hand() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.7, 0.1], np.float32)
    assert average_precision(scores, np.array([0, 1, 1, 0, 0], bool)) == pytest.approx(
        (1 / 2 + (2 / 3 + 2 / 4) / 2) / 2
    )
    assert average_precision(scores, np.zeros(5, bool)) == 0.0
    assert average_precision(scores, np.ones(5, bool)) == 1.0


def test_scores_that_differ_by_rounding_alone_are_tied() -> None:
    relevant = np.array([True, False])
    assert average_precision(np.array([0.5, 0.5 + 1e-7], np.float32), relevant) == pytest.approx(0.75)
    assert average_precision(np.array([0.5, 0.5 + 1e-4], np.float32), relevant) == pytest.approx(0.5)


@pytest.mark.parametrize("base", [0.5000004, 0.5, -0.5000004, 0.1234562])
def test_near_scores_are_tied_by_their_distance_wherever_they_lie(base: float) -> None:
    scores = np.array([base, base + 2e-7], np.float32)
    for relevant in ([True, False], [False, True]):
        assert average_precision(scores, np.array(relevant)) == pytest.approx(0.75)


def test_the_mean_runs_over_values_and_then_over_attributes() -> None:
    groups = {"color/red": 0.0, "color/blue": 60.0, "shape/round": 50.0, "none": 10.0}
    assert by_attribute(groups) == {"color": 30.0, "shape": 50.0, "none": 10.0}
    assert mean_over_attributes(groups) == 30.0


def test_the_examples_of_the_docstrings() -> None:
    assert doctest.testmod(module).failed == 0
