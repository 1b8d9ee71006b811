import numpy as np
import pytest

from trsllava.errors import InputError
from trsllava.search.fusion.zscore_sum import ZScoreSum


def test_a_term_is_the_weighted_standard_score():
    # mean 3, population standard deviation sqrt(2)
    scores = np.array([[1, 2, 3, 4, 5]], np.float32)
    terms = ZScoreSum().terms(scores, None, np.array([2.0], np.float32))
    np.testing.assert_allclose(terms, 2 * np.array([[-2, -1, 0, 1, 2]]) / np.sqrt(2), rtol=1e-6)


def test_scale_and_offset_of_a_branch_do_not_matter():
    cosines = np.array([0.2, 0.4, 0.9], np.float32)
    terms = ZScoreSum().terms(np.stack([cosines, 100 * cosines + 7]), None, np.ones(2, np.float32))
    np.testing.assert_allclose(terms[0], terms[1], atol=1e-5)


def test_mean_and_deviation_of_a_sample_are_used_when_given():
    scores = np.array([[0.5, 0.7]], np.float32)
    terms = ZScoreSum().terms(scores, np.array([[0.1, 0.2]], np.float32), np.ones(1, np.float32))
    np.testing.assert_allclose(terms, [[2.0, 3.0]], rtol=1e-6)


def test_a_branch_that_cannot_tell_tiles_apart_adds_nothing():
    scores = np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]], np.float32)
    terms = ZScoreSum().terms(scores, None, np.ones(2, np.float32))
    np.testing.assert_array_equal(terms[0], [0.0, 0.0, 0.0])
    np.testing.assert_allclose(terms[1], [-np.sqrt(1.5), 0.0, np.sqrt(1.5)], rtol=1e-6)


def test_weights_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="-1"):
        ZScoreSum().terms(np.ones((2, 3), np.float32), None, np.array([1.0, -1.0], np.float32))
