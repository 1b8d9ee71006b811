"""A model's caption: what is checked, what is mended, and when the rules write it."""

from __future__ import annotations

import pytest

from tests.dialogue.turns import turn
from tests.standin.scripted import HANG, RESET, Reply, closed_address, scripted
from trsllava.dialogue.chat_model import ChatModel
from trsllava.dialogue.reformulation.llm import ModelReformulator
from trsllava.dialogue.reformulation.rules import RulesReformulator
from trsllava.dialogue.state import Answer, Dialogue, Question
from trsllava.search.negation import read_negation

DIALOGUE = Dialogue(
    query="a river",
    turns=(turn("Are there any trees?", "yes", "green trees", "tree"), turn("Any boats?", "no", about="boat")),
)
BY_RULES = RulesReformulator().caption(DIALOGUE)


def caption(*replies: Reply, dialogue: Dialogue = DIALOGUE) -> str:
    with scripted(*replies) as script:
        return ModelReformulator(ChatModel(script.url, timeout=0.5)).caption(dialogue)


def test_a_good_caption_is_taken_as_it_is() -> None:
    good = "A river with green trees, without boats"
    assert caption({"caption": good}) == good


def test_an_opening_about_the_picture_is_taken_off() -> None:
    written = "This is an aerial image of a river with green trees, without boats."
    assert caption({"caption": written}) == "A river with green trees, without boats"


def test_what_the_caption_forgets_is_put_at_its_end() -> None:
    assert caption({"caption": "A river"}) == "A river, green trees, without boat"


def test_what_the_caption_forgets_of_the_query_is_put_at_its_end_in_the_querys_words() -> None:
    dialogue = Dialogue(query="an old harbour beside a river", turns=DIALOGUE.turns)
    written = caption({"caption": "A river with green trees, without boats"}, dialogue=dialogue)
    assert written == "A river with green trees, harbour, without boats"


def test_what_is_not_there_is_read_as_such_by_search() -> None:
    assert read_negation(caption({"caption": "A river with green trees"})).unwanted == ("boat",)


def test_a_caption_that_was_cut_off_is_completed() -> None:
    assert caption('{"caption": "A river with') == "A river, green trees, without boat"


@pytest.mark.parametrize(
    "reply",
    [
        {"caption": "A river with trees and many boats"},
        {"caption": "A river without trees, without boats"},
        {"caption": "A river with green trees, without houses, without boats"},
        {"caption": "A river with green trees and a stadium, without boats"},
        {"caption": "The user is looking for a river with green trees, without boats."},
        {"caption": "Are there green trees along the river without boats?"},
        {"caption": "I'm sorry, but I can't help with that."},
        {"caption": "   "},
        {"title": "a river"},
        "A river with green trees.",
        "",
        400,
        500,
        HANG,
        RESET,
    ],
    ids=["affirms a no", "denies a yes", "denies of itself",
         "invents", "talks about the user", "asks", "refuses", "blank", "other field",
         "prose", "empty", "400", "500", "late", "reset"],
)  # fmt: skip
def test_the_rules_write_the_caption_where_the_model_fails(reply: Reply) -> None:
    assert caption(reply) == BY_RULES


def test_the_rules_write_the_caption_where_the_server_is_gone() -> None:
    model = ChatModel(closed_address(), timeout=0.5)
    assert ModelReformulator(model).caption(DIALOGUE) == BY_RULES
    assert [failure.task for failure in model.failures] == ["reformulation"]


def test_without_an_answer_that_tells_something_no_model_is_asked() -> None:
    undecided = Dialogue(query="a river", turns=(turn("Any boats?", "unknown", about="boat"),))
    with scripted(500) as script:
        assert ModelReformulator(ChatModel(script.url)).caption(undecided) == "a river"
        assert script.requests == []


def test_the_answer_that_was_just_given_counts() -> None:
    with scripted({"caption": "A river with a bridge"}) as script:
        reformulator = ModelReformulator(ChatModel(script.url))
        question = Question(text="Is there a bridge?", attribute="bridge")
        written = reformulator.caption(Dialogue(query="a river"), question, Answer(kind="yes"))
        assert written == "A river with a bridge"
        assert '"question": "Is there a bridge?", "answer": "yes"' in script.user()[0]
