"""What people usually speak of, asked without a look at the candidates: ChatIR's questioner, by rules."""

from __future__ import annotations

from trsllava.dialogue.questions.protocol import Moment, Questioner
from trsllava.dialogue.questions.wording import question_about
from trsllava.dialogue.state import Question


class UsualQuestioner(Questioner):
    """The open attribute that most tiles of the collection are said to have.

    ChatIR's language model knows the history and no candidate (Levy et al., "Chatting Makes Perfect", NeurIPS 2023):
    what it asks about is what such pictures usually show.
    """

    def ask(self, moment: Moment) -> Question | None:
        """As in `Questioner.ask`."""
        if not len(moment.open):
            return None
        usual = moment.material.table.named[:, moment.open].sum(axis=0)
        attribute = moment.material.table.attributes[moment.open[int(usual.argmax())]]
        return Question(text=question_about(attribute), attribute=attribute.name)
