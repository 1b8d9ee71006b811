import pytest

from trsllava.dialogue.reformulation.rules import RulesReformulator
from trsllava.dialogue.state import Addition, Answer, Dialogue, Question, Turn

RULES = RulesReformulator()


def _caption(*said, query="a harbor", **more):
    turns = tuple(
        Turn(question=Question(text="", attribute=attribute) if attribute else None, answer=answer, caption="")
        for attribute, answer in said
    )
    return RULES.caption(Dialogue(query=query, turns=turns, **more))


def test_without_answers_it_is_the_query():
    assert _caption(query=" A harbor. ") == "A harbor"


@pytest.mark.parametrize(
    ("said", "caption"),
    [
        ([("boat", Answer(kind="yes"))], "a harbor, boat"),
        ([("boat", Answer(kind="yes", words="many boats"))], "a harbor, many boats"),
        ([("boat", Answer(kind="yes", words="no cranes"))], "a harbor, boat, without cranes"),
        ([("boat", Answer(kind="yes", words="a long quay"))], "a harbor, boat, a long quay"),
        ([("many boat", Answer(kind="yes", words="many white boats"))], "a harbor, many white boats"),
        ([("boat", Answer(kind="no"))], "a harbor, without boat"),
        ([("boat", Answer(kind="no")), ("tree", Answer(kind="no"))], "a harbor, without boat or tree"),
        ([("boat", Answer(kind="no", words="a crane"))], "a harbor, a crane, without boat"),
        ([("boat", Answer(kind="unknown"))], "a harbor"),
        ([("boat", Answer(kind="skip"))], "a harbor"),
        ([("boat", Answer(kind="words", words="a quay without cranes"))], "a harbor, a quay, without cranes"),
        ([("", Answer(kind="more like", tile="t1"))], "a harbor"),
        ([("port", Answer(kind="yes"))], "a harbor"),
    ],
)
def test_answers_become_phrases(said, caption):
    assert _caption(*said) == caption


@pytest.mark.parametrize(
    ("first", "last", "caption"),
    [
        (Answer(kind="yes"), Answer(kind="words", words="no boats"), "a harbor, without boats"),
        (Answer(kind="no"), Answer(kind="words", words="white boats"), "a harbor, white boats"),
    ],
)
def test_what_is_said_last_counts(first, last, caption):
    assert _caption(("boat", first), ("", last)) == caption


def test_additions_follow_unless_they_are_denied():
    added = (Addition(phrase="boat", level="small", chance=0.9), Addition(phrase="crane", level="small", chance=0.8))

    assert _caption(enrichment=added) == "a harbor, boat, crane"
    assert _caption(("boat", Answer(kind="no")), enrichment=added) == "a harbor, crane, without boat"


def test_an_answer_in_sight_counts_as_if_it_were_given():
    answer, question = Answer(kind="yes"), Question(text="", attribute="boat")

    assert RULES.caption(Dialogue(query="a harbor"), question, answer) == "a harbor, boat"
