from typing import get_args

import numpy as np
import pytest

from trsllava.records import FusionName
from trsllava.search.fusion import FUSIONS, moments

QUERIES = np.random.default_rng(0).normal(size=(2, 4, 7)).astype(np.float32)
WEIGHTS = np.array([0.7, 0.3], np.float32)


def test_every_name_has_a_fusion():
    assert set(FUSIONS) == set(get_args(FusionName))


@pytest.mark.parametrize("name", FUSIONS)
def test_many_queries_at_once_give_the_terms_of_each_query_alone(name):
    together = FUSIONS[name].terms(QUERIES, None, WEIGHTS)
    alone = np.stack([FUSIONS[name].terms(QUERIES[:, q], None, WEIGHTS) for q in range(4)], axis=1)
    np.testing.assert_array_equal(together, alone)
    assert together.dtype == np.float32


@pytest.mark.parametrize("name", FUSIONS)
def test_moments_of_the_scores_themselves_change_nothing(name):
    given = FUSIONS[name].terms(QUERIES, moments(QUERIES), WEIGHTS)
    np.testing.assert_array_equal(given, FUSIONS[name].terms(QUERIES, None, WEIGHTS))


@pytest.mark.parametrize("name", FUSIONS)
def test_equal_scores_get_equal_terms(name):
    scores = QUERIES[:, 0, [0, 1, 0, 2, 1]]
    terms = FUSIONS[name].terms(scores, None, WEIGHTS)
    np.testing.assert_array_equal(terms[:, 0], terms[:, 2])
    np.testing.assert_array_equal(terms[:, 1], terms[:, 4])


@pytest.mark.parametrize("name", FUSIONS)
def test_a_branch_of_weight_zero_adds_nothing(name):
    terms = FUSIONS[name].terms(QUERIES, None, np.array([1.0, 0.0], np.float32))
    np.testing.assert_array_equal(terms[1], np.zeros((4, 7)))


@pytest.mark.parametrize("name", FUSIONS)
def test_a_single_branch_keeps_its_order(name):
    scores = QUERIES[:1, 0]
    terms = FUSIONS[name].terms(scores, None, np.ones(1, np.float32))
    assert np.argsort(terms[0]).tolist() == np.argsort(scores[0]).tolist()
