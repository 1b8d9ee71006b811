"""Answers by a vision-language model that sees the picture (DiaRet, eq. 4)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

import prompts
from trsllava.dialogue.chat_model import ChatModel, usable
from trsllava.dialogue.state import Answer, Question
from trsllava.errors import AnswerError, ServerError
from trsllava.search.instructions import things
from trsllava.search.negation import read_negation


class _Seen(BaseModel):
    answer: Literal["yes", "no", "unknown"]
    words: Annotated[str, StringConstraints(max_length=200)] = ""


class VlmAnswerer:
    """Shows a model the picture with every question; it may say that it cannot tell.

    `picture`: a data URL. A model that fails, or contradicts itself, cannot tell.
    """

    def __init__(self, model: ChatModel, picture: str) -> None:
        self._model = model
        self._picture = picture
        self._prompt = prompts.load("dialogue-answer")

    def answer(self, question: Question) -> Answer:
        """What the model sees of what the question asks for."""
        try:
            seen = self._model.ask(
                self._prompt, _Seen, {"question": question.text}, picture=self._picture, max_tokens=120
            )
            words = usable(seen.words) if seen.words.strip() and seen.answer != "unknown" else ""
        except (ServerError, AnswerError) as error:
            self._model.failed("answer", error)
            return Answer(kind="unknown", source="vlm")
        if _contradicts(seen.answer, words, question.attribute or question.text):
            return Answer(kind="unknown", source="vlm")
        if not question.attribute:
            return Answer(kind="words" if words else "unknown", words=words, source="vlm")
        return Answer(kind=seen.answer, words=words, source="vlm")


def _contradicts(verdict: str, words: str, asked: str) -> bool:
    """True where the words deny what the verdict says of the thing that was asked for."""
    topic = set(things(asked))
    said = read_negation(words)
    denied = topic & {thing for phrase in said.unwanted for thing in things(phrase)}
    seen = topic & set(things(said.wanted))
    return bool(denied if verdict == "yes" else seen if verdict == "no" else ())
