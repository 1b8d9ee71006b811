"""Dialogues about known images as JSON lines (docs/formats.md): what `trsllava dialogue generate` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from trsllava.dialogue.reasoning.instructions import AtomicInstruction, Reasoning
from trsllava.dialogue.state import AnswerKind, Dialogue
from trsllava.errors import CaptionFileError
from trsllava.validation import first_fault, reason_of

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class WrittenTurn(BaseModel):
    """One question with its answer."""

    model_config = ConfigDict(frozen=True)

    question: str
    about: str = ""
    """The attribute that it asks for; empty for an open question."""
    answer: AnswerKind
    words: str = ""


class WrittenDialogue(BaseModel):
    """A dialogue about one image, and what FAR made of it. Others may leave all but image and query out."""

    model_config = ConfigDict(frozen=True)

    image: _Text
    """Path, as caption files have it."""
    query: _Text
    instructions: tuple[AtomicInstruction, ...] = ()
    keywords: tuple[str, ...] = ()
    """Of all instructions but removals."""
    split: str = ""
    turns: tuple[WrittenTurn, ...] = ()
    caption: str = ""
    """The query and all answers, reformulated."""

    def sentences(self) -> tuple[str, ...]:
        """The attribute sentences of the instructions."""
        return Reasoning(self.instructions).sentences


def written(image: str, split: str, dialogue: Dialogue, reasoning: Reasoning) -> WrittenDialogue:
    """A dialogue about an image in the form of the file."""
    return WrittenDialogue(
        image=image,
        split=split,
        query=dialogue.query,
        turns=tuple(
            WrittenTurn(
                question=turn.question.text,
                about=turn.question.attribute,
                answer=turn.answer.kind,
                words=turn.answer.words,
            )
            for turn in dialogue.turns
            if turn.question is not None
        ),
        caption=dialogue.turns[-1].caption if dialogue.turns else dialogue.query,
        instructions=reasoning.instructions,
        keywords=reasoning.keywords,
    )


def read_dialogues(path: Path) -> list[WrittenDialogue]:
    """The dialogues of a file, in order. Raises CaptionFileError, with the line, for what cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeError) as error:
        raise CaptionFileError(
            f"{path} cannot be read as dialogues: {reason_of(error)}. `trsllava dialogue generate` makes such a file."
        ) from error
    return [_parsed(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _parsed(path: Path, number: int, line: str) -> WrittenDialogue:
    try:
        return WrittenDialogue.model_validate_json(line)
    except ValidationError as error:
        raise CaptionFileError(
            f"{path}, line {number}: {first_fault(error)}. A line looks like "
            '{"image": "a.jpg", "query": "…", "instructions": […], "keywords": ["…"]}.'
        ) from error
