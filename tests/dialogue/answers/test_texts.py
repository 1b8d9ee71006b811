import pytest

from trsllava.dialogue.answers.texts import TextsAnswerer
from trsllava.dialogue.questions.wording import OPENING
from trsllava.dialogue.state import Answer, Question

USER = TextsAnswerer(["many green trees around a pond", "a pond with green trees", "two small boats on a pond"])


def _asked(attribute):
    return USER.answer(Question(text=f"Is there {attribute}?", attribute=attribute))


@pytest.mark.parametrize(
    ("attribute", "words"),
    [("tree", "many green trees"), ("green tree", "many green trees"), ("boat", "two small boats"), ("pond", "pond")],
)
def test_what_the_texts_name_is_confirmed_in_their_words(attribute, words):
    assert _asked(attribute) == Answer(kind="yes", words=words, source="texts")


@pytest.mark.parametrize("attribute", ["plane", "red", "white boat"])
def test_it_cannot_tell_what_no_text_names(attribute):
    assert _asked(attribute) == Answer(kind="unknown", source="texts")


def test_a_free_question_is_about_what_its_words_name():
    assert USER.answer(Question(text="What boats are there?")) == Answer(
        kind="words", words="two small boats", source="texts"
    )


def test_the_most_usual_words_are_chosen():
    user = TextsAnswerer(["green trees", "many trees", "green trees"])

    assert user.answer(Question(text="", attribute="tree")).words == "green trees"


def test_an_open_question_is_answered_with_the_text_that_names_most():
    answer = USER.answer(Question(text=OPENING))

    assert answer == Answer(kind="words", words="many green trees around a pond", source="texts")
