"""The question whose answer is expected to tell most of which tile it is."""

from __future__ import annotations

from trsllava.dialogue.posterior import expected_gain
from trsllava.dialogue.questions.protocol import Moment, Questioner
from trsllava.dialogue.questions.wording import question_about
from trsllava.dialogue.state import Question


class CalculatedQuestioner(Questioner):
    """Greatest expected information gain over the open attributes, worded by templates."""

    def ask(self, moment: Moment) -> Question | None:
        """As in `Questioner.ask`; of equal gains the first by name."""
        if not len(moment.open):
            return None
        material = moment.material
        gains = expected_gain(moment.p, material.table.chances, material.uncertainty, material.model)[moment.open]
        best = int(gains.argmax())
        attribute = material.table.attributes[moment.open[best]]
        return Question(text=question_about(attribute), attribute=attribute.name, gain=float(gains[best]))
