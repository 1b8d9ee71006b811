"""What every answerer does."""

from __future__ import annotations

from typing import Protocol

from trsllava.dialogue.state import Answer, Question


class Answerer(Protocol):
    """Knows one picture and answers questions about it."""

    def answer(self, question: Question) -> Answer:
        """The answer; `unknown` where it cannot tell."""
        ...
