import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trsllava.dialogue.candidates import likeliest, spread_out


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3]), min_size=1, max_size=12), st.integers(1, 12))
def test_the_likeliest_come_first_and_of_equal_ones_the_first(p, count):
    chances = np.float32(p)

    assert likeliest(chances, count).tolist() == np.argsort(-chances, kind="stable")[:count].tolist()


def test_informative_candidates_stand_for_different_groups():
    vectors = np.float32([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]])
    p = np.float32([0.3, 0.2, 0.2, 0.2, 0.1])

    assert spread_out(vectors, p, np.arange(5), 3).tolist() == [0, 2, 4]


def test_few_candidates_are_all_informative():
    assert spread_out(np.eye(3, dtype=np.float32), np.ones(3, np.float32), np.array([2, 0]), 5).tolist() == [2, 0]
