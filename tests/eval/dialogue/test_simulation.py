import numpy as np
import pytest

from eval.dialogue.evaluate import text_users
from eval.dialogue.methods import methods
from eval.dialogue.report import asked_in_vain, chances, first_hit
from eval.dialogue.simulation import simulate
from tests.eval.dialogue.conftest import KNOWN

METHODS = methods(rounds=3)


@pytest.fixture
def course_of(gallery, material, targets):
    def run(name, wrong=0.0, rounds=3):
        users = text_users(KNOWN, wrong)
        return simulate(METHODS[name], users.queries, targets, users.of, material, gallery, rounds)

    return run


@pytest.mark.parametrize("name", METHODS)
def test_no_dialogue_asks_in_vain(course_of, material, name):
    course = course_of(name)

    assert asked_in_vain(course, material) == []


@pytest.mark.parametrize("name", METHODS)
def test_the_same_dialogues_are_simulated_again(course_of, name):
    first, second = course_of(name), course_of(name)

    assert first.dialogues == second.dialogues
    assert (first.better == second.better).all()


@pytest.mark.parametrize("name", METHODS)
def test_a_dialogue_asks_no_more_than_its_rounds(course_of, name):
    course = course_of(name)

    assert max(dialogue.round() for dialogue in course.dialogues) <= (0 if name == "rewriting" else 3)
    assert len(course.better) == 4


def test_every_method_begins_with_the_query(course_of):
    begun = {
        name: course_of(name).better[0].tolist() for name in ("random", "chatir", "plugir", "dir, captions alone")
    }

    assert len(set(map(tuple, begun.values()))) == 1


def test_the_full_method_finds_the_pictures(course_of):
    course = course_of("dir")

    assert chances(course, 1)[-1].mean() > chances(course, 1)[0].mean()


def test_wrong_answers_cost(course_of):
    right, wrong = (chances(course_of("dir", share), 1)[-1].mean() for share in (0.0, 1.0))

    assert wrong < right


def test_a_dialogue_like_a_persons_own(course_of, material):
    """What is simulated together is what one session does alone."""
    from trsllava.dialogue.session import Session

    users = text_users(KNOWN)
    for number, dialogue in enumerate(course_of("dir").dialogues):
        session = Session.start(users.queries[number], material, METHODS["dir"].settings)
        while (question := session.ask()) is not None:
            session.answer(users.of(number).answer(question))

        assert _said(session.dialogue) == _said(dialogue)


def _said(dialogue):
    """Without gains, which round by how many captions are scored together."""
    return [(turn.question.attribute, turn.answer, turn.caption) for turn in dialogue.turns]


def test_the_first_hit_is_the_first_round_in_the_first_ten():
    class Course:
        better = np.array([[20, 3, 50], [9, 2, 40], [0, 30, 30]])
        tied = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 0]])

    assert first_hit(Course).tolist() == [2, 0, -1]
