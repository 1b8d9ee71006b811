"""FAR by a language model: its instructions are checked against the dialogue, and rules supply what it left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

import prompts
from trsllava.dialogue.chat_model import ChatModel, history_data, telling
from trsllava.dialogue.reasoning import rules
from trsllava.dialogue.reasoning.instructions import AtomicInstruction, Reasoning, things_of
from trsllava.dialogue.state import Turn
from trsllava.dialogue.stopwords import STOPWORDS
from trsllava.errors import AnswerError, ServerError
from trsllava.lexicon import keywords
from trsllava.search.instructions import Kind

_MOST = 12
_TOKENS = 900
_EMPTY = STOPWORDS | {"and", "not"}
_SHORTEST = 3
"""Letters of a word that may stand for something to be seen."""


class _Edit(BaseModel):
    kind: Kind
    text: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    sentence: Annotated[str, StringConstraints(max_length=120)] = ""
    keywords: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=30)]], Field(max_length=6)
    ] = []  # pydantic copies defaults


class Instructions(BaseModel):
    """What the model is asked for."""

    instructions: Annotated[list[_Edit], Field(min_length=1, max_length=_MOST)]


@dataclass(frozen=True)
class Checked:
    """A model's instructions after they were held against the dialogue, and how many were touched."""

    instructions: tuple[AtomicInstruction, ...]
    corrected: int
    """Kept under another kind."""
    dropped: int
    """Contradict the dialogue, repeat another, or name nothing that was spoken of."""
    supplied: int
    """The rules found them and the model did not."""


class ModelReasoner:
    """Asks a model for the instructions of a dialogue. Where it fails, the rules take its place."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._prompt = prompts.load("dialogue-reasoning")

    def __call__(self, query: str, turns: Sequence[Turn]) -> Reasoning:
        """The checked instructions; the rules' own where the model gives none that can be used."""
        if not telling(turns):
            return rules.reason(query, turns)
        try:
            return Reasoning(self.checked(query, turns).instructions, "model")
        except (ServerError, AnswerError) as error:
            self._model.failed("reasoning", error)
            return rules.reason(query, turns)

    def checked(self, query: str, turns: Sequence[Turn]) -> Checked:
        """The model's instructions, and what had to be done to them. Raises ServerError, AnswerError."""
        data = history_data(query, telling(turns))
        answer = self._model.ask(self._prompt, Instructions, data, max_tokens=_TOKENS)
        return check_instructions(answer, query, turns)


def check_instructions(answer: Instructions, query: str, turns: Sequence[Turn]) -> Checked:
    """Hold a model's instructions against the dialogue. Raises AnswerError where none of them can be used."""
    by_rules = rules.reason(query, turns).instructions
    kinds = {thing: edit.kind for edit in by_rules for thing in things_of(edit)}
    spoken = _words(" ".join([query, *_said(telling(turns))]))
    kept: list[AtomicInstruction] = []
    covered: set[str] = set()
    corrected = 0
    for edit in answer.instructions:
        grounded = _grounded(edit, spoken)
        things = set(things_of(grounded)) - covered
        if not things or _contradicts(grounded.kind, {kinds[thing] for thing in things if thing in kinds}):
            continue
        known = next((kinds[thing] for thing in things if thing in kinds), grounded.kind)
        if known != grounded.kind:
            corrected += 1
            grounded = next(rule for rule in by_rules if things & set(things_of(rule)))
            things = set(things_of(grounded))
        kept.append(grounded)
        covered |= things
    if not kept:
        raise AnswerError("none of the instructions follows from the dialogue", answer.model_dump_json())
    supplied = [rule for rule in by_rules if not covered & set(things_of(rule))]
    dropped = len(answer.instructions) - len(kept)
    return Checked((*kept, *supplied), corrected, dropped, len(supplied))


def _grounded(edit: _Edit, spoken: frozenset[str]) -> AtomicInstruction:
    """The edit with those of its keywords that it names itself and that were spoken of."""
    text, sentence = " ".join(edit.text.split()), " ".join(edit.sentence.split())
    own = _words(f"{text} {sentence}")
    named = tuple(word for word in edit.keywords if _words(word) and _words(word) <= own & spoken)
    if not named:
        named = tuple(keyword.name for keyword in keywords(text) if _words(keyword.name) <= spoken)
    if edit.kind == "removal" or not _words(sentence) <= spoken:  # a sentence that invents things teaches them
        sentence = "" if edit.kind == "removal" else f"There is {' '.join(named)}"
    return AtomicInstruction(kind=edit.kind, text=text, sentence=sentence, keywords=named)


def _contradicts(kind: Kind, kinds: set[Kind]) -> bool:
    """True where one says that a thing is there and the other that it is not."""
    return bool(kinds) and all((kind == "removal") != (other == "removal") for other in kinds)


def _said(turns: Sequence[Turn]) -> Iterator[str]:
    for turn in turns:
        yield turn.answer.words
        if turn.question is not None and turn.answer.kind != "words":
            yield f"{turn.question.attribute} {turn.question.text}"


def _told(text: str) -> list[str]:
    words = re.findall(r"[^\W\d_]+", text.lower())
    return [word for word in words if len(word) >= _SHORTEST and word not in _EMPTY]


def _words(text: str) -> frozenset[str]:
    """The words of a text that say something, without a plural's s; keywords by their usual names as well."""
    plain = {word.removesuffix("s") for word in _told(text)}
    usual = {part.removesuffix("s") for keyword in keywords(text) for part in keyword.name.split()}
    return frozenset(plain | usual)
