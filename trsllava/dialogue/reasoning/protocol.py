"""What reads instructions out of a dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from trsllava.dialogue.reasoning.instructions import Reasoning
from trsllava.dialogue.state import Turn


class Reasoner(Protocol):
    """FAR: rules (`rules.reason`) or a model (`llm.ModelReasoner`)."""

    def __call__(self, query: str, turns: Sequence[Turn]) -> Reasoning:
        """The instructions that edit the first query as the turns say."""
        ...
