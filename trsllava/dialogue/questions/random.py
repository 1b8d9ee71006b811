"""Any question, drawn: what choosing is measured against."""

from __future__ import annotations

import random

from trsllava.dialogue.questions.protocol import Moment, Questioner
from trsllava.dialogue.questions.wording import question_about
from trsllava.dialogue.state import Question


class RandomQuestioner(Questioner):
    """Draws among the open attributes, each with the same chance; the same dialogue always draws the same.

    Source: DiaRet, Figure 5, "random questions".
    """

    def ask(self, moment: Moment) -> Question | None:
        """As in `Questioner.ask`."""
        if not len(moment.open):
            return None
        dialogue = moment.dialogue
        draw = random.Random(f"{dialogue.settings.seed} {dialogue.round()} {dialogue.query}")
        attribute = moment.material.table.attributes[draw.choice(moment.open.tolist())]
        return Question(text=question_about(attribute), attribute=attribute.name)
