import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.dialogue.answers.reading import LONGEST, Control, read_answer
from trsllava.dialogue.state import Answer
from trsllava.errors import InputError

SHOWN = tuple(f"t{number}" for number in range(1, 11))


@pytest.mark.parametrize(
    "said",
    ["yes", "Yes.", "yep", "y", "sure", "of course!", "yes there are", "There are some", "ja", "oui", "right", "ok"],
)
def test_yes(said):
    assert read_answer(said, SHOWN) == Answer(kind="yes")


@pytest.mark.parametrize(
    "said",
    [
        "no",
        "No!",
        "nope",
        "n",
        "not really",
        "none",
        "no there aren't any",
        "there isn't",
        "nein",
        "I can't see any",
        "It is not there",
        "nope, none",
        "no, there are none",
    ],
)
def test_no(said):
    assert read_answer(said, SHOWN) == Answer(kind="no")


@pytest.mark.parametrize(
    "said",
    [
        "I don't know",
        "don't know",
        "no idea",
        "I’m not sure",
        "can't tell",
        "I cannot tell",
        "maybe",
        "hard to say",
        "?",
    ],
)
def test_no_idea_is_not_no(said):
    assert read_answer(said, SHOWN) == Answer(kind="unknown")


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("Yes, many white boats", "yes", "many white boats"),
        ("yes many white boats", "yes", "many white boats"),
        ("no, but there are many boats", "no", "many boats"),
        ("No. It is a river", "no", "a river"),
        ("there are two planes", "words", "there are two planes"),
        ("no trees at all", "words", "no trees at all"),
        ("right next to a river", "words", "right next to a river"),
        ("noon light", "words", "noon light"),
        ("two", "words", "two"),
        ("no parking", "words", "no parking"),
        ("三", "words", "三"),
        ("una zona residencial densa", "words", "una zona residencial densa"),
    ],
)
def test_words(said, kind, words):
    assert read_answer(said, SHOWN) == Answer(kind=kind, words=words)


@pytest.mark.parametrize("said", ["skip", "Skip it", "next", "pass", "next question"])
def test_skip(said):
    assert read_answer(said, SHOWN) == Answer(kind="skip")


@pytest.mark.parametrize(
    ("said", "kind", "tile"),
    [
        ("more like 3", "more like", "t3"),
        ("More like hit 4, please", "more like", "t4"),
        ("similar to 5", "more like", "t5"),
        ("less like 2", "less like", "t2"),
        ("Less like number 2", "less like", "t2"),
        ("not like the 10th one", "less like", "t10"),
    ],
)
def test_feedback(said, kind, tile):
    assert read_answer(said, SHOWN) == Answer(kind=kind, tile=tile)


@pytest.mark.parametrize("said", ["3", "#3", "pick 3", "it's 3", "number 3", "I'll take the 3rd one"])
def test_a_hit_is_picked(said):
    assert read_answer(said, SHOWN) == Control("pick", "t3")


@pytest.mark.parametrize("said", ["0", "11", "more like 12", "pick 9999"])
def test_hits_that_are_not_shown_are_refused(said):
    with pytest.raises(InputError, match="numbered from 1 to 10"):
        read_answer(said, SHOWN)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("undo", "undo"),
        ("take that back", "undo"),
        ("stop", "stop"),
        ("that's it", "stop"),
        ("What do you mean?", "question"),
        ("are there cars?", "question"),
        ("", "empty"),
        (" \t\n", "empty"),
        ("...!", "empty"),
    ],
)
def test_what_is_no_answer(said, kind):
    assert read_answer(said, SHOWN) == Control(kind)


@given(st.text(max_size=200))
def test_anything_can_be_said(said):
    try:
        read = read_answer(said, SHOWN)
    except InputError:
        return  # the number of a hit that is not shown

    assert isinstance(read, Answer | Control)


def test_very_long_answers_count_by_their_beginning():
    read = read_answer("boats " * 2_000, SHOWN)

    assert isinstance(read, Answer)
    assert len(read.words) == LONGEST
