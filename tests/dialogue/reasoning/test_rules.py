"""FAR by rules: the kinds of instructions, and what overrides what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialogue.turns import turn
from trsllava.dialogue.reasoning.rules import reason
from trsllava.dialogue.state import Answer, AnswerKind, Turn


def texts(query: str, *history: Turn) -> list[str]:
    return [edit.text for edit in reason(query, history).instructions]


def test_what_the_query_names_is_kept_where_no_answer_speaks_of_it() -> None:
    assert texts("a river with a bridge") == ["Keep the river", "Keep the bridge"]


def test_yes_adds_what_was_asked_for() -> None:
    assert texts("a river", turn("Are there any trees?", "yes")) == ["Add visible tree", "Keep the river"]


def test_yes_to_what_the_query_named_keeps_it() -> None:
    assert texts("a river", turn("Is there a river?", "yes")) == ["Keep the river"]


def test_no_removes_what_was_asked_for() -> None:
    assert texts("a park", turn("Are there any trees in the image?", "no")) == ["Remove tree", "Keep the park"]


def test_new_looks_modify_a_thing() -> None:
    history = turn("What colour are the roofs?", "words", "They have red roofs.")
    assert texts("houses with roofs", history) == ["Change the roof to red roof", "Keep the house"]


def test_words_may_add_and_remove_at_once() -> None:
    history = turn("What is near the river?", "words", "green trees, but no houses")
    assert texts("a river", history) == ["Remove house", "Add visible green tree", "Keep the river"]


def test_an_answer_may_say_more_than_no() -> None:
    history = turn("Are there any boats?", "no", "No, there are many cars.")
    assert texts("a port", history) == ["Remove boat", "Add visible car", "Keep the port"]


@pytest.mark.parametrize("kind", ["unknown", "words", "skip"])
def test_an_answer_that_tells_nothing_changes_nothing(kind: AnswerKind) -> None:
    assert texts("a port", turn("Are there boats?", kind, "no idea")) == ["Keep the port"]


def test_hits_that_are_pointed_at_are_no_instructions() -> None:
    pointed = Turn(answer=Answer(kind="more like", tile="3"), caption="")
    assert texts("a port", pointed) == ["Keep the port"]


def test_a_later_answer_overrides_an_earlier_one() -> None:
    history = (turn("Are there any boats?", "yes"), turn("Are there really boats?", "no"))
    assert texts("a port", *history) == ["Remove boat", "Keep the port"]


def test_a_known_topic_counts_and_not_the_wording_of_the_question() -> None:
    history = turn("Would you say solar panels cover it?", "yes", about="solar panels")
    assert texts("a factory", history) == ["Add visible solar panels", "Keep the factory"]


def test_removals_give_neither_sentences_nor_keywords() -> None:
    reasoning = reason("a park", [turn("Are there any trees?", "no")])
    assert reasoning.sentences == ("There is park",)
    assert reasoning.keywords == ("park",)


@given(
    st.text(max_size=200),
    st.lists(
        st.tuples(st.text(max_size=80), st.sampled_from(["yes", "no", "words"]), st.text(max_size=200)), max_size=4
    ),
)
def test_any_words_become_instructions_about_each_thing_at_most_once(
    query: str, history: list[tuple[str, AnswerKind, str]]
) -> None:
    turns = [turn(question, kind, words) for question, kind, words in history]
    instructions = reason(query, turns).instructions
    named = [edit.keywords[-1] for edit in instructions]
    assert len(named) == len(set(named))
