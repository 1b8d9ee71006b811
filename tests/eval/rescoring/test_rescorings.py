"""Laws of rescorings that know hubs by a bank."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eval.rescoring import Csls, InvertedSoftmax, QuerybankNorm

BANKED = [InvertedSoftmax(0.07), QuerybankNorm(0.07), Csls(3), Csls(100)]
cosines = st.floats(-1, 1, width=32)


def matrix(queries, candidates=5):
    return arrays(np.float32, (queries, candidates), elements=cosines)


@pytest.mark.parametrize("rescoring", BANKED, ids=str)
def test_an_empty_bank_changes_nothing(rescoring):
    scores = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    np.testing.assert_array_equal(rescoring(scores, np.empty((0, 5), np.float32)), scores)


@pytest.mark.parametrize("rescoring", BANKED, ids=str)
@given(scores=matrix(4), bank=matrix(6))
def test_a_query_depends_on_no_other_query(rescoring, scores, bank):
    np.testing.assert_array_equal(rescoring(scores, bank)[1:3], rescoring(scores[1:3], bank))


@pytest.mark.parametrize("rescoring", BANKED, ids=str)
@given(scores=matrix(4), bank=matrix(6), order=st.permutations(range(5)))
def test_candidates_may_come_in_any_order(rescoring, scores, bank, order):
    moved = rescoring(scores[:, order], bank[:, order])
    np.testing.assert_allclose(moved, rescoring(scores, bank)[:, order], atol=1e-6)


@given(scores=matrix(4), bank=matrix(6), hub=arrays(np.float32, 5, elements=st.floats(-1, 1, width=16)))
def test_what_a_candidate_scores_more_with_every_query_is_undone(scores, bank, hub):
    softmax = InvertedSoftmax(0.07)
    np.testing.assert_allclose(softmax(scores + hub, bank + hub), softmax(scores, bank), atol=1e-5)


@given(scores=matrix(4), bank=matrix(6), hub=arrays(np.float32, 5, elements=st.floats(-1, 1, width=16)))
def test_csls_undoes_half_of_it(scores, bank, hub):
    np.testing.assert_allclose(Csls(3)(scores + hub, bank + hub), Csls(3)(scores, bank) + hub / 2, atol=1e-5)


@given(scores=matrix(4), bank=matrix(6))
def test_a_huge_temperature_takes_the_mean_off_and_a_tiny_one_the_maximum(scores, bank):
    np.testing.assert_allclose(InvertedSoftmax(1e4)(scores, bank), scores - bank.mean(axis=0), atol=1e-3)
    np.testing.assert_allclose(InvertedSoftmax(1e-5)(scores, bank), scores - bank.max(axis=0), atol=1e-3)


def test_the_inverted_softmax_ranks_as_its_formula_does():
    rng = np.random.default_rng(1)
    scores, bank = (rng.uniform(-1, 1, (n, 7)).astype(np.float32) for n in (5, 9))
    formula = np.exp(scores / 0.1) / np.exp(bank / 0.1).sum(axis=0)
    np.testing.assert_array_equal(InvertedSoftmax(0.1)(scores, bank).argsort(axis=1), formula.argsort(axis=1))


def test_the_first_of_two_hubs_no_longer_wins():
    scores = np.array([[0.9, 0.8, 0.1], [0.9, 0.1, 0.8]], np.float32)
    bank = np.array([[0.9, 0.1, 0.1], [0.9, 0.2, 0.1]], np.float32)
    for rescoring in BANKED[:2]:
        np.testing.assert_array_equal(rescoring(scores, bank).argmax(axis=1), [1, 2])


def test_querybank_norm_leaves_a_query_alone_whose_best_candidate_no_bank_query_finds_first():
    bank = np.array([[0.9, 0.2, 0.3], [0.8, 0.3, 0.1]], np.float32)
    scores = np.array([[0.9, 0.8, 0.1], [0.1, 0.9, 0.8]], np.float32)
    rescored = QuerybankNorm(0.1)(scores, bank)
    np.testing.assert_array_equal(rescored[0], InvertedSoftmax(0.1)(scores, bank)[0])
    np.testing.assert_array_equal(rescored[1], scores[1])
    np.testing.assert_array_equal(QuerybankNorm(0.1, activating=3)(scores, bank), InvertedSoftmax(0.1)(scores, bank))
