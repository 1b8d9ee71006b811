import numpy as np
import pytest

from trsllava.captioners.nano.impression import Impression
from trsllava.dialogue.answers.nano import NanoAnswerer
from trsllava.dialogue.questions.wording import OPENING
from trsllava.dialogue.state import Answer, Question


def _corner():
    grid = np.full((7, 7), -9, np.float32)
    grid[0, 0] = 9
    return grid


SEEN = Impression(
    evidence=1.0,
    scenes=(("port", 0.9), ("river", 0.1)),
    presence={"boat": 0.9, "tree": 0.3, "plane": 0.02, "white": 0.7, "red": 0.1, "port": 0.5},
    places={"boat": _corner()},
    sentences=(),
)
NANO = NanoAnswerer(SEEN, sharpness=4.0)


@pytest.mark.parametrize(
    ("attribute", "kind"),
    [
        ("boat", "yes"),
        ("tree", "unknown"),
        ("plane", "no"),
        ("white boat", "yes"),
        ("red boat", "no"),
        ("port", "yes"),
        ("submarine", "unknown"),
    ],
)
def test_it_answers_where_it_is_sure(attribute, kind):
    assert NANO.answer(Question(text="", attribute=attribute)).kind == kind


def test_it_says_where_a_thing_is():
    assert NANO.answer(Question(text="", attribute="boat")).words == "boat in one corner"


def test_north_up_pictures_have_compass_words():
    nano = NanoAnswerer(SEEN, sharpness=4.0, north_up=True)

    assert nano.answer(Question(text="", attribute="boat")).words == "boat in the north-western corner"


def test_free_questions_are_answered_with_what_is_seen():
    assert NANO.answer(Question(text="Are there boats or planes?")) == Answer(
        kind="words", words="boat in one corner", source="nano"
    )


def test_an_open_question_is_answered_with_what_it_is_surest_of():
    assert NANO.answer(Question(text=OPENING)) == Answer(kind="words", words="port, boat in one corner", source="nano")


def test_an_unsure_kind_of_place_is_not_confirmed():
    unsure = Impression(evidence=1.0, scenes=(("port", 0.4),), presence={}, places={}, sentences=())

    assert NanoAnswerer(unsure, 4.0).answer(Question(text="", attribute="port")).kind == "unknown"
