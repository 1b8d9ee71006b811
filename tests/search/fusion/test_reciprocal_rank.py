import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trsllava.errors import InputError
from trsllava.search.fusion.reciprocal_rank import ReciprocalRank


def floats(*rows):
    return np.array(rows, np.float32)


def test_a_term_is_one_over_sixty_plus_the_rank():
    terms = ReciprocalRank().terms(floats([0.1, 0.9, 0.5]), None, np.ones(1, np.float32))
    np.testing.assert_allclose(terms, [[1 / 63, 1 / 61, 1 / 62]], rtol=1e-6)


def test_branches_are_ranked_each_for_itself_and_weighted():
    scores = floats([0.9, 0.5], [10.0, 30.0])
    terms = ReciprocalRank().terms(scores, None, np.array([2.0, 0.5], np.float32))
    np.testing.assert_allclose(terms, [[2 / 61, 2 / 62], [0.5 / 62, 0.5 / 61]], rtol=1e-6)


def test_k_can_be_chosen():
    terms = ReciprocalRank(k=1).terms(floats([3.0, 2.0, 1.0]), None, np.ones(1, np.float32))
    np.testing.assert_allclose(terms, [[1 / 2, 1 / 3, 1 / 4]], rtol=1e-6)


def test_tied_tiles_share_the_mean_of_their_terms():
    terms = ReciprocalRank().terms(floats([0.5, 0.9, 0.5, 0.1, 0.5]), None, np.ones(1, np.float32))
    shared = (1 / 62 + 1 / 63 + 1 / 64) / 3
    np.testing.assert_allclose(terms, [[shared, 1 / 61, shared, 1 / 65, shared]], rtol=1e-6)
    assert terms[0, 0] == terms[0, 2] == terms[0, 4]


def test_scores_that_differ_by_rounding_only_are_tied():
    terms = ReciprocalRank().terms(floats([0.5, 0.50000006]), None, np.ones(1, np.float32))
    assert terms[0, 0] == terms[0, 1]


def test_a_branch_in_which_no_tile_scores_gives_all_the_same():
    terms = ReciprocalRank().terms(floats([0.0, 0.0]), None, np.ones(1, np.float32))
    np.testing.assert_allclose(terms, [[(1 / 61 + 1 / 62) / 2] * 2], rtol=1e-6)


@given(arrays(np.int8, st.tuples(st.just(2), st.integers(1, 9))))
def test_ties_never_change_the_sum_of_a_branch(levels):
    terms = ReciprocalRank().terms(levels.astype(np.float32), None, np.ones(2, np.float32))
    ranks = np.arange(1, levels.shape[1] + 1)
    np.testing.assert_allclose(terms.sum(axis=1), np.sum(1 / (60 + ranks)), rtol=1e-5)


@given(arrays(np.int8, st.tuples(st.just(1), st.integers(1, 9))))
def test_a_better_score_gets_a_better_term_and_an_equal_one_an_equal_term(levels):
    terms = ReciprocalRank().terms(levels.astype(np.float32), None, np.ones(1, np.float32))[0]
    np.testing.assert_array_equal(
        np.sign(terms[:, None] - terms[None]), np.sign(levels[0][:, None].astype(int) - levels[0][None])
    )


@pytest.mark.parametrize("weights", [[-1.0, 2.0], [0.0, 0.0], [float("nan"), 1.0]])
def test_weights_that_cannot_be_are_refused(weights):
    with pytest.raises(InputError, match="weights"):
        ReciprocalRank().terms(floats([1.0], [1.0]), None, np.array(weights, np.float32))
