import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trsllava.search.fusion.ranking import rank


def test_the_best_score_comes_first():
    assert rank(["a", "b", "c"], np.array([0.1, 0.9, 0.5], np.float32)).tolist() == [1, 2, 0]


def test_ties_are_ordered_by_id():
    assert rank(["c", "a", "b"], np.array([0.5, 0.5, 0.5], np.float32)).tolist() == [1, 2, 0]


def test_scores_that_differ_by_rounding_only_are_ordered_by_id():
    assert rank(["b", "a"], np.array([0.50000006, 0.5], np.float32)).tolist() == [1, 0]


def test_no_more_than_k_are_returned():
    assert rank(["a", "b", "c"], np.array([0.1, 0.9, 0.5], np.float32), k=2).tolist() == [1, 2]
    assert rank(["a"], np.array([0.1], np.float32), k=5).tolist() == [0]


def test_nothing_to_rank_is_a_normal_answer():
    assert rank([], np.empty(0, np.float32)).tolist() == []
    assert rank([], np.empty(0, np.float32), k=3).tolist() == []


scored = st.dictionaries(st.text("abc", max_size=4), st.integers(-3, 3), max_size=30)


@given(scored, st.integers(0, 40), st.randoms())
def test_the_order_of_the_input_does_not_matter(scores, k, random):
    expected = sorted(scores, key=lambda name: (-scores[name], name))[:k]
    shuffled = list(scores)
    random.shuffle(shuffled)
    order = rank(shuffled, np.array([scores[name] for name in shuffled], np.float32), k)
    assert [shuffled[position] for position in order] == expected
