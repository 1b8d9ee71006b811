import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trsllava.errors import InputError
from trsllava.search.fusion.normal_cdf import NormalCdf

# Values of the standard normal distribution function, from its table.
PHI = {-2.0: 0.0227501, -1.0: 0.1586553, 0.0: 0.5, 1.0: 0.8413447, 2.0: 0.9772499}


def test_a_term_is_the_distribution_function_of_the_standard_score():
    moments = np.array([[10.0, 5.0]], np.float32)
    scores = np.array([[10 + 5 * z for z in PHI]], np.float32)
    terms = NormalCdf().terms(scores, moments, np.ones(1, np.float32))
    np.testing.assert_allclose(terms, [list(PHI.values())], atol=1e-7)


def test_mean_and_deviation_come_from_the_scores_themselves_otherwise():
    # mean 1, population standard deviation 1
    terms = NormalCdf().terms(np.array([[0.0, 2.0]], np.float32), None, np.ones(1, np.float32))
    np.testing.assert_allclose(terms, [[PHI[-1.0], PHI[1.0]]], atol=1e-7)


def test_weights_are_scaled_to_a_convex_combination():
    scores = np.array([[0.0, 2.0], [7.0, 3.0]], np.float32)
    terms = NormalCdf().terms(scores, None, np.array([3.0, 1.0], np.float32))
    expected = [[0.75 * PHI[-1.0], 0.75 * PHI[1.0]], [0.25 * PHI[1.0], 0.25 * PHI[-1.0]]]
    np.testing.assert_allclose(terms, expected, atol=1e-7)


def test_a_branch_that_cannot_tell_tiles_apart_gives_all_half_its_weight():
    scores = np.array([[0.0, 0.0], [0.0, 2.0]], np.float32)
    terms = NormalCdf().terms(scores, None, np.ones(2, np.float32))
    np.testing.assert_array_equal(terms[0], [0.25, 0.25])


@given(arrays(np.float32, (2, 5), elements=st.floats(-10, 10, width=32)), st.floats(0, 1))
def test_fused_scores_lie_between_zero_and_one(scores, weight):
    fused = NormalCdf().terms(scores, None, np.array([weight, 1 - weight], np.float32)).sum(axis=0)
    assert (fused >= 0).all()
    assert (fused <= 1 + 1e-6).all()


def test_weights_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="above zero"):
        NormalCdf().terms(np.ones((2, 3), np.float32), None, np.zeros(2, np.float32))


def test_scores_far_above_the_mean_tie():
    moments = np.array([[0.0, 1.0]], np.float32)
    terms = NormalCdf().terms(np.array([[6.0, 7.0]], np.float32), moments, np.ones(1, np.float32))
    assert terms[0, 1] - terms[0, 0] < 1e-6
