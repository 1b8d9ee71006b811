"""A model that sees the picture answers, and may say that it cannot tell."""

from __future__ import annotations

import pytest

from tests.standin.scripted import HANG, RESET, Reply, closed_address, scripted
from trsllava.dialogue.answers.vlm import VlmAnswerer
from trsllava.dialogue.chat_model import ChatModel
from trsllava.dialogue.questions.wording import OPENING
from trsllava.dialogue.state import Answer, AnswerKind, Question

QUESTION = Question(text="Are there any boats?", attribute="boat")
PICTURE = "data:image/png;base64,AAAA"


def answered(*replies: Reply) -> Answer:
    with scripted(*replies) as script:
        return VlmAnswerer(ChatModel(script.url, timeout=0.5), PICTURE).answer(QUESTION)


def test_the_picture_goes_with_the_question() -> None:
    with scripted({"answer": "yes", "words": "White boats lie at the pier."}) as script:
        answer = VlmAnswerer(ChatModel(script.url), PICTURE).answer(QUESTION)
        (body,) = script.requests
    assert answer == Answer(kind="yes", words="White boats lie at the pier.", source="vlm")
    shown = [part["image_url"]["url"] for part in body["messages"][-1]["content"] if part["type"] == "image_url"]
    assert shown == [PICTURE]


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        ({"answer": "yes", "words": "Boats at a pier."}, "words", "Boats at a pier."),
        ({"answer": "unknown", "words": ""}, "unknown", ""),
    ],
)
def test_an_open_question_is_answered_in_words(reply: Reply, kind: AnswerKind, words: str) -> None:
    with scripted(reply) as script:
        answer = VlmAnswerer(ChatModel(script.url), PICTURE).answer(Question(text=OPENING))
    assert answer == Answer(kind=kind, words=words, source="vlm")


@pytest.mark.parametrize("kind", ["yes", "no", "unknown"])
def test_it_answers_yes_no_or_that_it_cannot_tell(kind: AnswerKind) -> None:
    assert answered({"answer": kind, "words": ""}) == Answer(kind=kind, source="vlm")


def test_what_it_says_where_it_cannot_tell_is_no_fact_about_the_picture() -> None:
    assert answered({"answer": "unknown", "words": "I cannot see whether there are boats."}).words == ""


@pytest.mark.parametrize(
    "reply",
    [
        {"answer": "yes", "words": "There are no boats."},
        {"answer": "no", "words": "Several boats lie at the pier."},
        {"answer": "maybe", "words": ""},
        {"answer": "yes", "words": "I'm sorry, I can't help with that."},
        "Yes, there are boats.",
        "",
        500,
        HANG,
        RESET,
    ],
    ids=["yes, but not", "no, but there", "maybe", "refusal", "prose", "empty", "500", "late", "reset"],
)
def test_a_model_that_fails_or_contradicts_itself_cannot_tell(reply: Reply) -> None:
    assert answered(reply) == Answer(kind="unknown", source="vlm")


def test_a_server_that_is_gone_cannot_tell() -> None:
    model = ChatModel(closed_address(), timeout=0.5)
    assert VlmAnswerer(model, PICTURE).answer(QUESTION).kind == "unknown"
    assert [failure.task for failure in model.failures] == ["answer"]
