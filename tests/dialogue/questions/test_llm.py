"""Questions by a model: in its words, or of its choice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialogue.small_gallery import SmallGallery
from tests.standin.scripted import HANG, RESET, Reply, closed_address, scripted
from trsllava.dialogue.chat_model import ChatModel
from trsllava.dialogue.material import Material
from trsllava.dialogue.questions.llm import FreeQuestioner, WordedQuestioner
from trsllava.dialogue.questions.protocol import Questioner
from trsllava.dialogue.session import Session
from trsllava.dialogue.state import Answer, DialogueSettings, Question

MATERIAL = Material(SmallGallery())
FAILURES = ["What now", "", '{"question": "Is', 500, HANG, RESET]
FAILED = ["prose", "empty", "cut", "500", "late", "reset"]
CLOSED = DialogueSettings(opening=False)


def calculated() -> Question:
    question = Session.start("a river", MATERIAL, CLOSED).ask()
    assert question is not None
    return question


def asked(kind: type[WordedQuestioner | FreeQuestioner], *replies: Reply) -> Question:
    with scripted(*replies) as script:
        questioner: Questioner = kind(ChatModel(script.url, timeout=0.5))
        question = Session.start("a river", MATERIAL, CLOSED, questioner=questioner).ask()
        assert question is not None
        return question


def worded(text: Any) -> Question:
    return asked(WordedQuestioner, {"question": text})


def test_a_model_words_what_was_calculated() -> None:
    about = calculated().attribute
    question = worded(f"Can you see a {about} by the river you have in mind?")
    assert question.text == f"Can you see a {about} by the river you have in mind?"
    assert question.model_copy(update={"text": calculated().text}) == calculated()


@pytest.mark.parametrize(
    "form",
    [
        "Tell me about the {}.",
        "Is there something else?",
        "What kind of {} is there?",
        "Are there no {}s?",
        "Is there a {}? Is it large?",
        "Is there a {} or a stadium?",
        "I'm sorry, I cannot ask about a {}?",
        "Is there a {} " + "very " * 40 + "near?",
    ],
    ids=[
        "no question",
        "another thing",
        "not yes or no",
        "wrong way round",
        "two at once",
        "a second thing",
        "refusal",
        "too long",
    ],
)
def test_the_templates_words_stay_where_the_models_cannot_be_used(form: str) -> None:
    assert worded(form.format(calculated().attribute)) == calculated()


@pytest.mark.parametrize("reply", FAILURES, ids=FAILED)
@pytest.mark.parametrize("kind", [WordedQuestioner, FreeQuestioner])
def test_the_calculated_question_is_asked_where_the_model_fails(
    kind: type[WordedQuestioner | FreeQuestioner], reply: Reply
) -> None:
    assert asked(kind, reply) == calculated()


def test_the_calculated_question_is_asked_where_the_server_is_gone() -> None:
    questioner = FreeQuestioner(ChatModel(closed_address(), timeout=0.5))
    assert Session.start("a river", MATERIAL, CLOSED, questioner=questioner).ask() == calculated()


def test_a_model_may_choose_what_to_ask() -> None:
    question = asked(FreeQuestioner, {"about": "houses", "question": "Are there houses along the river?"})
    assert (question.attribute, question.text) == ("house", "Are there houses along the river?")
    assert question.gain > 0


def test_the_model_sees_captions_of_candidates_and_the_history() -> None:
    with scripted({"about": "boats", "question": "Are there boats?"}) as script:
        Session.start("a river", MATERIAL, CLOSED, questioner=FreeQuestioner(ChatModel(script.url))).ask()
        assert "a river under a bridge" in script.user()[0]
        assert '"query": "a river"' in script.user()[0]


@pytest.mark.parametrize(
    ("about", "question"),
    [
        ("river", "Is there a river?"),
        ("stadium", "Is there a stadium?"),
        ("houses", "Are there any boats?"),
        ("the meaning of life", "What is it?"),
    ],
    ids=["the query says so", "no candidate has it", "asks about something else", "nothing to be seen"],
)
def test_a_choice_that_is_not_open_is_not_asked(about: str, question: str) -> None:
    assert asked(FreeQuestioner, {"about": about, "question": question}) == calculated()


def test_a_model_that_repeats_itself_does_not_make_the_dialogue_repeat_itself() -> None:
    with scripted({"about": "boats", "question": "Are there boats?"}) as script:
        model = ChatModel(script.url)
        session = Session.start("a river", MATERIAL, CLOSED, questioner=FreeQuestioner(model))
        while session.ask() is not None:
            session.answer(Answer(kind="unknown"))
        attributes = [question.attribute for question in session.dialogue.questions()]
        assert len(attributes) == len(set(attributes)) > 1
        assert attributes[0] == "boat"
        assert {failure.task for failure in model.failures} == {"question"}
