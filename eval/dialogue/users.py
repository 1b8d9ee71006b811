"""Simulated users: what they know of the picture that they look for, and how often they are wrong."""

from __future__ import annotations

import random
from collections.abc import Sequence

from trsllava.dialogue.answers.protocol import Answerer
from trsllava.dialogue.state import Answer, AnswerKind, Question

_OTHER: dict[str, tuple[AnswerKind, ...]] = {
    "yes": ("no", "unknown"),
    "no": ("yes", "unknown"),
    "unknown": ("yes", "no"),
}


class WrongNowAndThen:
    """Gives another answer than it should in some share of the cases, drawn by seed and question."""

    def __init__(self, answerer: Answerer, share: float, seed: str, elsewhere: Sequence[str] = ()) -> None:
        """`share`: 0 to 1; `seed`: of the dialogue, so that every method meets the same user; `elsewhere`: what is
        said of another picture."""
        self._answerer, self._share, self._seed, self._elsewhere = answerer, share, seed, elsewhere

    def answer(self, question: Question) -> Answer:
        """As in `Answerer.answer`; a wrong answer has no words, but that to an open question is of another picture."""
        right = self._answerer.answer(question)
        draw = random.Random(f"{self._seed} {question.text}")
        if draw.random() >= self._share:
            return right
        if right.kind not in _OTHER:
            return right.model_copy(update={"words": draw.choice(self._elsewhere)}) if self._elsewhere else right
        return Answer(kind=draw.choice(_OTHER[right.kind]), source=right.source)
