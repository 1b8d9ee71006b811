import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trsllava.dialogue.posterior import NANO, PERSON, TEXTS, AnswerModel, entropy, expected_gain, log_distribution

finite = st.floats(-50, 50, width=32)
chance = st.floats(0.0078125, 0.9921875, width=32)
SURE = AnswerModel(present=(1.0, 0.0, 0.0), absent=(0.0, 1.0, 0.0))


def _p(scores, evidence=0.0, temperature=1.0):
    return np.exp(log_distribution(np.float32(scores), np.float32(evidence), temperature))


@given(arrays(np.float32, st.integers(1, 30), elements=finite), st.floats(0.125, 8))
def test_it_is_a_distribution(scores, temperature):
    p = _p(scores, np.zeros_like(scores), temperature)

    assert p.sum() == pytest.approx(1, abs=1e-5)
    assert (p >= 0).all()


@given(arrays(np.float32, 9, elements=finite), arrays(np.float32, 9, elements=finite))
def test_evidence_multiplies(scores, evidence):
    before, after = _p(scores), _p(scores, evidence)
    by_bayes = before.astype(float) * np.exp(evidence.astype(float))

    assert after == pytest.approx(by_bayes / by_bayes.sum(), abs=1e-4)


def test_a_lower_temperature_trusts_the_scores_more():
    assert _p([2, 1], temperature=0.5)[0] > _p([2, 1], temperature=2.0)[0] > 0.5


@pytest.mark.parametrize("model", [PERSON, TEXTS, NANO])
def test_some_answer_is_always_given(model):
    assert sum(model.present) == pytest.approx(1)
    assert sum(model.absent) == pytest.approx(1)


@given(arrays(np.float32, 12, elements=chance))
def test_some_answer_is_given(chances):
    total = sum(PERSON.likelihood(verdict, chances) for verdict in ("yes", "no", "unknown"))

    assert total == pytest.approx(np.ones(12), abs=1e-5)


def test_yes_speaks_for_tiles_that_have_it():
    likelihood = PERSON.likelihood("yes", np.float32([0.9, 0.1]))

    assert likelihood[0] > likelihood[1]


@given(
    arrays(np.float32, 8, elements=st.floats(0.0078125, 1, width=32)),
    arrays(np.float32, (8, 3), elements=chance),
    st.sampled_from([SURE, PERSON]),
)
def test_a_question_cannot_tell_more_than_there_is_to_know(weights, chances, model):
    p = weights / weights.sum()
    gain = expected_gain(p, chances, model.uncertainty(chances), model)

    assert (gain >= 0).all()
    assert (gain <= entropy(p) + 1e-4).all()


def test_halving_tells_one_bit():
    chances = np.float32([[1], [1], [0], [0]])

    assert expected_gain(np.full(4, 0.25, np.float32), chances, SURE.uncertainty(chances), SURE) == pytest.approx(1)


def test_what_all_have_tells_nothing():
    chances = np.ones((4, 1), np.float32)

    assert expected_gain(np.full(4, 0.25, np.float32), chances, PERSON.uncertainty(chances), PERSON)[0] < 1e-6


def test_noise_costs_information():
    chances = np.float32([[1], [0]])
    p = np.full(2, 0.5, np.float32)
    sure, noisy = (expected_gain(p, chances, model.uncertainty(chances), model)[0] for model in (SURE, PERSON))

    assert 0 < noisy < sure


def test_many_dialogues_at_once_are_each_for_itself():
    chances = np.float32([[0.9, 0.2], [0.1, 0.2], [0.5, 0.9]])
    p = np.float32([[0.5, 0.4, 0.1], [0.1, 0.1, 0.8]])
    uncertainty = PERSON.uncertainty(chances)

    together = expected_gain(p, chances, uncertainty, PERSON)

    assert together[1] == pytest.approx(expected_gain(p[1], chances, uncertainty, PERSON), abs=1e-6)
