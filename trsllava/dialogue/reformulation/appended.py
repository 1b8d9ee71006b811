"""ChatIR's: the query, every question and every answer, one after the other."""

from __future__ import annotations

from trsllava.dialogue.reformulation.protocol import Reformulator
from trsllava.dialogue.state import Answer, Dialogue, Question

_SPOKEN = {"yes": "yes", "no": "no", "unknown": "I cannot tell"}


class AppendedReformulator(Reformulator):
    """Source: Levy et al., "Chatting Makes Perfect" (ChatIR), NeurIPS 2023, section 3."""

    def caption(self, dialogue: Dialogue, question: Question | None = None, answer: Answer | None = None) -> str:
        """As in `Reformulator.caption`, except that a denial stays in the answer's words."""
        turns = [(turn.question, turn.answer) for turn in dialogue.turns]
        if answer is not None:
            turns.append((question, answer))
        spoken = [dialogue.query, *(_spoken(*turn) for turn in turns)]
        return " ".join(part for part in spoken if part)


def _spoken(question: Question | None, answer: Answer) -> str:
    words = [question.text if question else "", _SPOKEN.get(answer.kind, ""), answer.words]
    return " ".join(word for word in words if word)
