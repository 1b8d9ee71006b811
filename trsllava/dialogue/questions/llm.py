"""Questions by a language model: in its words, about what was calculated; or about what it chooses itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Annotated

from pydantic import BaseModel, StringConstraints

import prompts
from trsllava.dialogue.attributes import concepts
from trsllava.dialogue.chat_model import ChatModel, history_data, usable
from trsllava.dialogue.posterior import expected_gain
from trsllava.dialogue.questions.calculated import CalculatedQuestioner
from trsllava.dialogue.questions.protocol import Moment, Questioner
from trsllava.dialogue.state import Question
from trsllava.errors import AnswerError, ServerError
from trsllava.search.instructions import things
from trsllava.search.negation import read_negation

_LONGEST = 160
_MOST_CAPTIONS = 12
_OPEN = re.compile(r"\b(?:what|which|how|where|who|why|or not)\b", re.I)
"""Words of questions that want more than yes or no."""


class _Worded(BaseModel):
    question: Annotated[str, StringConstraints(min_length=3, max_length=200)]


class _Chosen(BaseModel):
    about: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    question: Annotated[str, StringConstraints(min_length=3, max_length=200)]


class WordedQuestioner(Questioner):
    """Another questioner's choice in a model's words; the template's stay where those cannot be used."""

    def __init__(self, model: ChatModel, chooser: Questioner | None = None) -> None:
        self._model = model
        self._chooser = chooser or CalculatedQuestioner()
        self._prompt = prompts.load("dialogue-wording")

    def scored(self, moment: Moment) -> Sequence[str]:
        """As in `Questioner.scored`."""
        return self._chooser.scored(moment)

    def ask(self, moment: Moment) -> Question | None:
        """As in `Questioner.ask`."""
        question = self._chooser.ask(moment)
        if question is None or not question.attribute:
            return question
        dialogue = moment.dialogue
        data = {"query": dialogue.query, "ask_about": question.attribute}
        try:
            text = self._model.ask(self._prompt, _Worded, data, max_tokens=80).question
            earlier = [asked.text for asked in dialogue.questions()]
            checked = check_question(text, question.attribute, dialogue.query, earlier)
        except (ServerError, AnswerError) as error:
            self._model.failed("wording", error)
            return question
        return question.model_copy(update={"text": checked})


class FreeQuestioner(Questioner):
    """A model chooses what to ask from the captions of the informative candidates.

    What it may not ask, or tells less than `least_gain`, is calculated in its place.
    """

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._instead = CalculatedQuestioner()
        self._prompt = prompts.load("dialogue-question")

    def ask(self, moment: Moment) -> Question | None:
        """As in `Questioner.ask`."""
        if not len(moment.open):
            return None
        try:
            return self._chosen(moment)
        except (ServerError, AnswerError) as error:
            self._model.failed("question", error)
            return self._instead.ask(moment)

    def _chosen(self, moment: Moment) -> Question:
        dialogue, material = moment.dialogue, moment.material
        texts = [material.gallery.texts[place] for place in moment.informative.tolist()]
        captions = [own[0] for own in texts if own][:_MOST_CAPTIONS]
        data = {**history_data(dialogue.query, dialogue.turns), "captions": captions}
        answer = self._model.ask(self._prompt, _Chosen, data, max_tokens=120)
        columns = {material.table.attributes[column].name: column for column in moment.open.tolist()}
        about = attribute_of(answer.about, columns)
        if not about:
            raise AnswerError(f"{usable(answer.about)!r} is not open to a question", answer.model_dump_json())
        chances, bits = material.table.chances, material.uncertainty
        gain = float(expected_gain(moment.p, chances, bits, material.model)[columns[about]])
        if gain < dialogue.settings.least_gain:
            raise AnswerError(f"{about!r} does not tell the candidates apart", answer.model_dump_json())
        earlier = [asked.text for asked in dialogue.questions()]
        text = check_question(answer.question, about, dialogue.query, earlier)
        return Question(text=text, attribute=about, gain=gain)


def check_question(text: str, about: str, query: str, asked: Collection[str]) -> str:
    """A model's question on one line. Raises AnswerError where it is none, asks about something else, is put the wrong
    way round, or was asked before."""
    line = usable(text)
    if not line.endswith("?") or line.count("?") > 1 or len(line) > _LONGEST:
        raise AnswerError("not one short question", text)
    if _OPEN.search(line):
        raise AnswerError("the question cannot be answered by yes or no", text)
    if not _stems(about) <= _stems(line):
        raise AnswerError(f"the question does not name {about!r}", text)
    if read_negation(line).unwanted:
        raise AnswerError("the question asks what is not there", text)
    if others := set(things(line)) - set(things(about)) - set(things(query)) - {"ground"}:
        raise AnswerError(f"the question asks about {sorted(others)[0]!r} as well", text)
    if line.casefold() in {question.casefold() for question in asked}:
        raise AnswerError("the question was asked before", text)
    return line


def attribute_of(phrase: str, known: Collection[str]) -> str:
    """The most telling attribute that a phrase names; empty where it names none of the known ones."""
    named = concepts(phrase) & set(known)
    return max(named, key=lambda name: (name.count(" "), len(name), name), default="")


def _stems(text: str) -> set[str]:
    """The words of a text without endings of the plural; keywords by their usual names as well."""
    words = {re.sub(r"(?:es|s)$", "", word) for word in re.findall(r"[a-z]+", text.lower())}
    return words | {re.sub(r"(?:es|s)$", "", word) for name in concepts(text) for word in name.split()}
