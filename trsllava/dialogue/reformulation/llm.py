"""A language model writes the history as one caption: checked, mended where that is plain, else the rules' caption."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, StringConstraints

import prompts
from trsllava.captioners.checks.boilerplate import without_boilerplate
from trsllava.dialogue.attributes import phrases
from trsllava.dialogue.chat_model import ChatModel, history_data, telling, usable
from trsllava.dialogue.reasoning import rules
from trsllava.dialogue.reasoning.instructions import AtomicInstruction, things_of
from trsllava.dialogue.reformulation.rules import RulesReformulator
from trsllava.dialogue.state import Answer, Dialogue, Question, Turn
from trsllava.errors import AnswerError, ServerError
from trsllava.search.instructions import things
from trsllava.search.negation import read_negation

_LONGEST = 400
_TALK = re.compile(r"\b(?:user|query|questions?|answers?|dialogue|conversation|captions?|json|instructions?)\b", re.I)
"""Words about the talk itself, which no caption holds."""
_DANGLING = re.compile(r"(?:[\s,;.]|\b(?:with|without|and|or|of|in|on|near|by|a|an|the|no)\b)+$", re.I)
"""What a caption that was cut off ends with."""
_VAGUE = frozenset({"center", "ground", "line", "medium", "ring", "square", "circle"})
"""Things by name that captions speak of without meaning them: `in the center`."""


class Caption(BaseModel):
    """What the model is asked for."""

    caption: Annotated[str, StringConstraints(min_length=3, max_length=_LONGEST)]


class ModelReformulator:
    """Asks a model for the caption once there are answers. Where it fails, the rules take its place."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._rules = RulesReformulator()
        self._prompt = prompts.load("dialogue-reformulation")

    def caption(self, dialogue: Dialogue, question: Question | None = None, answer: Answer | None = None) -> str:
        """As in `Reformulator.caption`."""
        turns = dialogue.turns
        if answer is not None:
            turns = (*turns, Turn(question=question, answer=answer, caption=""))
        by_rules = self._rules.caption(dialogue, question, answer)
        told = telling(turns)
        if not told:
            return by_rules
        query = self._rules.caption(dialogue.model_copy(update={"turns": ()}))  # with what was added to it
        try:
            written = self._model.ask(self._prompt, Caption, history_data(query, told), max_tokens=150)
            return check_caption(written.caption, query, told)
        except (ServerError, AnswerError) as error:
            self._model.failed("reformulation", error)
            return by_rules


def check_caption(text: str, query: str, turns: Sequence[Turn]) -> str:
    """A model's caption, with what it forgot of the answers put at its end.

    Raises AnswerError where it talks about the dialogue, contradicts an answer, or names things that nobody spoke of.
    """
    line = _DANGLING.sub("", without_boilerplate(usable(text)))
    if "?" in line or _TALK.search(line):
        raise AnswerError("not a caption", text)
    asked = read_negation(line)
    wanted, unwanted = set(things(asked.wanted)), {thing for each in asked.unwanted for thing in things(each)}
    edits = rules.reason(query, turns).instructions
    removed = {thing for edit in edits if edit.kind == "removal" for thing in things_of(edit)}
    there = {thing for edit in edits if edit.kind != "removal" for thing in things_of(edit)}
    if wrong := (wanted & removed) | (unwanted - removed):
        raise AnswerError(f"the caption contradicts what was said of {sorted(wrong)[0]!r}", text)
    if invented := wanted - there - _VAGUE:
        raise AnswerError(f"the caption invents {sorted(invented)[0]!r}", text)
    said = [query, *(turn.answer.words for turn in turns)]
    forgotten = [edit for edit in edits if _missing(edit, line)]
    if not forgotten:
        return line
    added = [_in_their_words(edit, said) for edit in forgotten if edit.kind != "removal"]
    left_out = [*asked.unwanted, *(" ".join(edit.keywords) for edit in forgotten if edit.kind == "removal")]
    whole = ", ".join(dict.fromkeys([asked.wanted, *added]))
    return f"{whole}, without {' or '.join(left_out)}" if left_out else whole


def _in_their_words(edit: AtomicInstruction, said: Sequence[str]) -> str:
    """How the query or an answer calls what an instruction is about, the last one first; else its keywords."""
    about = set(things_of(edit))
    named = [phrase.words for text in reversed(said) for phrase in phrases(text) if about & phrase.concepts]
    return next(iter(named), " ".join(edit.keywords))


def _missing(edit: AtomicInstruction, caption: str) -> bool:
    """True where a caption does not name what an instruction is about."""
    named = set(things(caption))
    return any(thing not in named and thing not in caption.lower() for thing in things_of(edit))
