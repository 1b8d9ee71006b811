from itertools import permutations
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics.t2i import recall_t2i

OWNER = np.array([0])


def test_the_own_image_first_is_a_hit_at_one():
    recall = recall_t2i(np.array([[0.9, 0.5, 0.1]], np.float32), OWNER, [1])[1]
    assert (recall.expected, recall.optimistic, recall.pessimistic) == (1.0, 1.0, 1.0)


def test_the_own_image_third_is_a_hit_at_three_and_not_before():
    recalls = recall_t2i(np.array([[0.3, 0.9, 0.5, 0.1]], np.float32), OWNER, [1, 2, 3, 4])
    assert [recalls[k].expected for k in (1, 2, 3, 4)] == [0, 0, 1, 1]


def test_a_tie_counts_by_chance_and_the_bounds_say_how_much_was_luck():
    # One image better, three tied with the own one: places 2 to 5, each with chance 1/4.
    recalls = recall_t2i(np.array([[0.5, 0.9, 0.5, 0.5, 0.5, 0.1]], np.float32), OWNER, [1, 2, 3, 5])
    assert [recalls[k].expected for k in (1, 2, 3, 5)] == [0, 0.25, 0.5, 1]
    assert [recalls[k].optimistic for k in (1, 2, 3, 5)] == [0, 1, 1, 1]
    assert [recalls[k].pessimistic for k in (1, 2, 3, 5)] == [0, 0, 0, 1]


def test_scores_within_a_millionth_are_tied():
    close = np.array([[0.5, 0.5 + 8e-7], [0.5, 0.5 + 2e-6]], np.float32)
    assert recall_t2i(close[:1], OWNER, [1])[1].expected == 0.5
    assert recall_t2i(close[1:], OWNER, [1])[1].expected == 0.0


def test_texts_count_alike_whatever_image_they_belong_to():
    scores = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.8, 0.9]], np.float32)
    recall = recall_t2i(scores, np.array([0, 1, 1, 1]), [1])[1]
    assert recall.expected == pytest.approx(3 / 4)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=1, max_size=3),
    st.data(),
    st.integers(1, 5),
)
def test_the_expectation_is_the_mean_over_all_orders_of_the_images(levels, data, k):
    owner = np.array([data.draw(st.integers(0, 3)) for _ in levels])

    def hits(row, own, order):
        return own in sorted(order, key=lambda image: -row[image])[:k]

    shares = [
        [hits(row, own, order) for order in permutations(range(4))] for row, own in zip(levels, owner, strict=True)
    ]
    recall = recall_t2i(np.array(levels, np.float32), owner, [k])[k]
    assert recall.expected == pytest.approx(mean(mean(share) for share in shares))
    assert recall.optimistic == pytest.approx(mean(max(share) for share in shares))
    assert recall.pessimistic == pytest.approx(mean(min(share) for share in shares))
