"""Turns of a dialogue, in short."""

from __future__ import annotations

from trsllava.dialogue.state import Answer, AnswerKind, Question, Turn


def turn(question: str, kind: AnswerKind, words: str = "", about: str = "") -> Turn:
    """A question and what came back."""
    return Turn(question=Question(text=question, attribute=about), answer=Answer(kind=kind, words=words), caption="")
