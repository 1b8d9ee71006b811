"""Sorting again by what the candidates would choose."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eval.rescoring import Resort

matrices = arrays(np.float32, (6, 5), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0]))


def order(scores):
    return np.argsort(-scores, axis=1, kind="stable")


def test_a_candidate_that_holds_another_query_dearer_gives_way():
    # Both queries like candidate 0 best; it likes the second query better, and candidate 1 has only the first.
    scores = np.array([[0.8, 0.7, 0.1], [0.9, 0.2, 0.1]], np.float32)
    np.testing.assert_array_equal(order(Resort(2)(scores)), [[1, 0, 2], [0, 1, 2]])


def test_what_is_beyond_the_depth_keeps_its_order_behind():
    scores = np.array([[0.8, 0.7, 0.3, 0.2], [0.9, 0.1, 0.1, 0.1]], np.float32)
    np.testing.assert_array_equal(order(Resort(2)(scores))[0], [1, 0, 2, 3])


@given(matrices)
def test_a_depth_of_one_changes_no_order_and_no_tie_but_the_first(scores):
    first = scores == scores.max(axis=1, keepdims=True)
    resorted = Resort(1)(scores)
    for row in range(len(scores)):
        rest = ~first[row]
        np.testing.assert_array_equal(
            np.sign(np.subtract.outer(resorted[row][rest], resorted[row][rest])),
            np.sign(np.subtract.outer(scores[row][rest], scores[row][rest])),
        )
        assert resorted[row][first[row]].min() > resorted[row][rest].max(initial=-np.inf)


@given(matrices, st.integers(1, 7))
def test_it_is_the_sort_that_it_says(scores, depth):
    resorted = Resort(depth)(scores)
    for row, own in enumerate(scores):
        last = np.sort(own)[-min(depth, len(own))]
        places = (scores > own).sum(axis=0)
        keys = [(own[c] < last, places[c] if own[c] >= last else 0, -own[c]) for c in range(len(own))]
        for first in range(len(own)):
            for second in range(len(own)):
                assert (keys[first] < keys[second]) == (resorted[row][first] > resorted[row][second])
