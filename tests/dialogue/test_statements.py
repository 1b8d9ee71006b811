import pytest

from trsllava.dialogue.state import Answer, Dialogue, Question, Turn
from trsllava.dialogue.statements import verdicts


def _dialogue(*said, query="?"):
    turns = tuple(
        Turn(question=Question(text="", attribute=attribute) if attribute else None, answer=answer, caption="")
        for attribute, answer in said
    )
    return Dialogue(query=query, turns=turns)


@pytest.mark.parametrize("kind", ["yes", "no", "unknown"])
def test_an_answer_is_about_what_was_asked(kind):
    assert verdicts(_dialogue(("tree", Answer(kind=kind)))) == {"tree": kind}


def test_a_skipped_question_says_nothing():
    assert verdicts(_dialogue(("tree", Answer(kind="skip")))) == {}


def test_words_say_all_that_they_name():
    said = verdicts(_dialogue(("boat", Answer(kind="yes", words="two red boats"))))

    assert said == {"boat": "yes", "two": "yes", "red": "yes", "two boat": "yes", "red boat": "yes"}


def test_a_denial_has_words_for_what_is_there():
    assert verdicts(_dialogue(("tree", Answer(kind="no", words="a lawn")))) == {"tree": "no", "lawn": "yes"}


def test_words_may_deny():
    said = verdicts(_dialogue(("tree", Answer(kind="words", words="a lawn without trees"))))

    assert said == {"lawn": "yes", "tree": "no"}


def test_denying_a_look_denies_the_thing_with_that_look_alone():
    assert verdicts(_dialogue(("", Answer(kind="words", words="no green trees")))) == {"green tree": "no"}


def test_of_contradictory_answers_the_last_counts():
    said = verdicts(_dialogue(("tree", Answer(kind="yes")), ("", Answer(kind="words", words="no trees"))))

    assert said["tree"] == "no"


def test_not_knowing_takes_nothing_back():
    said = verdicts(_dialogue(("", Answer(kind="words", words="trees")), ("tree", Answer(kind="unknown"))))

    assert said["tree"] == "yes"


def test_the_query_is_the_first_thing_said():
    assert verdicts(_dialogue(query="a harbor without cranes")) == {"port": "yes", "crane": "no"}


def test_an_answer_may_correct_the_query():
    assert verdicts(_dialogue(("", Answer(kind="words", words="no harbor")), query="a harbor"))["port"] == "no"
