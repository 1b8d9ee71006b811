"""What every reformulation does."""

from __future__ import annotations

from typing import Protocol

from trsllava.dialogue.state import Answer, Dialogue, Question


class Reformulator(Protocol):
    """Turns a dialogue's history into one caption, which is embedded anew."""

    def caption(self, dialogue: Dialogue, question: Question | None = None, answer: Answer | None = None) -> str:
        """The caption of the query and all turns so far, and of one more turn where an answer is given.

        What is not there is said as `search.negation.read_negation` reads it (`without trees`).
        """
        ...
