"""One dialogue, a step at a time: start, ask, answer, undo, pick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from trsllava.dialogue.candidates import likeliest
from trsllava.dialogue.enrichment import Enricher, enriched_by_rules
from trsllava.dialogue.material import Material
from trsllava.dialogue.posterior import entropy, log_distribution
from trsllava.dialogue.questions.calculated import CalculatedQuestioner
from trsllava.dialogue.questions.plugir import PlugirQuestioner
from trsllava.dialogue.questions.protocol import Moment, Questioner
from trsllava.dialogue.questions.random import RandomQuestioner
from trsllava.dialogue.questions.usual import UsualQuestioner
from trsllava.dialogue.questions.wording import OPENING
from trsllava.dialogue.reformulation.appended import AppendedReformulator
from trsllava.dialogue.reformulation.protocol import Reformulator
from trsllava.dialogue.reformulation.rules import RulesReformulator
from trsllava.dialogue.state import (
    Answer,
    Dialogue,
    DialogueSettings,
    Question,
    QuestionerName,
    ReformulatorName,
    Turn,
)
from trsllava.dialogue.statements import verdicts
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import InputError

Name = TypeVar("Name")
Part = TypeVar("Part")
End = Literal["picked", "gain", "rounds"]

QUESTIONERS: dict[QuestionerName, Questioner] = {
    "calculated": CalculatedQuestioner(),
    "random": RandomQuestioner(),
    "chatir": UsualQuestioner(),
    "plugir": PlugirQuestioner(),
}
REFORMULATORS: dict[ReformulatorName, Reformulator] = {
    "rules": RulesReformulator(),
    "appended": AppendedReformulator(),
}


@dataclass(frozen=True)
class DialogueHit:
    """A tile as it stands now."""

    tile: str
    chance: float
    """That it is the one, 0…1, as far as the dialogue knows."""
    rank: int
    """From 1."""
    before: int | None
    """Its rank before the last turn; None before the first."""


class Session:
    """A dialogue over its material. `dialogue` is all there is to keep; every step replaces it."""

    def __init__(
        self,
        dialogue: Dialogue,
        material: Material,
        questioner: Questioner | None = None,
        reformulator: Reformulator | None = None,
    ) -> None:
        """Goes on with a dialogue as it is. `questioner` and `reformulator`: None for those its settings name.

        Raises InputError for a dialogue whose settings name one that has to be given.
        """
        self.dialogue, self.material = dialogue, material
        self._questioner = questioner or _named(QUESTIONERS, dialogue.settings.questioner)
        self._reformulator = reformulator or _named(REFORMULATORS, dialogue.settings.reformulator)
        self._known: dict[tuple[Turn, ...], FloatArray] = {}

    @classmethod
    def start(
        cls,
        query: str,
        material: Material,
        settings: DialogueSettings | None = None,
        *,
        collection: str = "default",
        questioner: Questioner | None = None,
        reformulator: Reformulator | None = None,
        enricher: Enricher = enriched_by_rules,
    ) -> Session:
        """Begin with a query. Raises InputError for an empty one."""
        if not query.strip():
            raise InputError("A dialogue begins with a few words on what you are looking for.")
        dialogue = Dialogue(query=query, collection=collection, settings=settings or DialogueSettings())
        session = cls(dialogue, material, questioner, reformulator)
        if each := dialogue.settings.enrichment:
            added = enricher(query, session.posterior(), material, each)
            session = cls(dialogue.model_copy(update={"enrichment": added}), material, questioner, reformulator)
        return session

    def caption(self) -> str:
        """All that is known so far, as one caption."""
        return self.dialogue.turns[-1].caption if self.dialogue.turns else self._reformulator.caption(self.dialogue)

    def next_caption(self, answer: Answer) -> str:
        """What the caption will be when this answer is given to the pending question."""
        return self._reformulator.caption(self.dialogue, self.dialogue.pending, answer)

    def log_posterior(self) -> FloatArray:
        """`(n,)` float32, ln of the chance that a tile is the one that is looked for."""
        return self._log_posterior(self.dialogue.turns)

    def _log_posterior(self, turns: tuple[Turn, ...]) -> FloatArray:
        """After these turns. The last two that were asked for are kept: now, and before the last turn."""
        if turns not in self._known:
            settings = self.dialogue.settings
            then = self.dialogue.model_copy(update={"turns": turns})
            caption = turns[-1].caption if turns else self._reformulator.caption(then)
            evidence = np.float32(settings.share) * evidence_of(then, self.material)
            p = log_distribution(self.material.scores(caption), evidence, settings.temperature)
            self._known = {**dict([*self._known.items()][-1:]), turns: p}
        return self._known[turns]

    def posterior(self) -> FloatArray:
        """`(n,)` float32 chances of the tiles, which add up to 1."""
        return np.asarray(np.exp(self.log_posterior()), np.float32)

    def uncertainty(self) -> float:
        """Entropy of the posterior, bits."""
        return float(entropy(self.posterior()))

    def ask(self) -> Question | None:
        """The question that is pending, else the next one; None where the dialogue has come to its end."""
        if self.dialogue.pending is not None:
            return self.dialogue.pending
        if self._is_over():
            return None
        question = Question(text=OPENING) if self._opens() else self._questioner.ask(self._moment)
        if question is None or (question.attribute and question.gain < self._least(question)):
            return None
        self.dialogue = self.dialogue.model_copy(update={"pending": question})
        return question

    def _least(self, question: Question) -> float:
        """Questioners that work no gain out are not stopped by it."""
        return self.dialogue.settings.least_gain if question.gain else 0.0

    def scored_by_question(self) -> Sequence[str]:
        """The captions that the next question will have scored: whoever runs many dialogues scores them together."""
        return () if self._is_over() or self._opens() else self._questioner.scored(self._moment)

    def _opens(self) -> bool:
        return self.dialogue.settings.opening and not self.dialogue.questions()

    def _is_over(self) -> bool:
        return self.dialogue.picked is not None or self.dialogue.round() >= self.dialogue.settings.rounds

    @property
    def _moment(self) -> Moment:
        return Moment(self.dialogue, self.material, self.caption(), self.posterior())

    def answer(self, answer: Answer) -> Turn:
        """Take an answer to the pending question, or feedback on a hit, which leaves the question pending.

        Raises InputError for feedback on a tile that the gallery has not, and for an answer without a question.
        """
        feedback = answer.kind in ("more like", "less like")
        if feedback and answer.tile not in self.material.gallery.ids:
            raise InputError("There is no such hit; name one of those that are shown by its number.")
        question = None if feedback else self.dialogue.pending
        if question is None and not feedback and answer.kind != "words":
            raise InputError("Nothing was asked that this could be the answer to.")
        turn = Turn(
            answer=answer,
            question=question,
            caption=self._reformulator.caption(self.dialogue, question, answer),
        )
        pending = self.dialogue.pending if feedback else None
        self.dialogue = self.dialogue.model_copy(update={"turns": (*self.dialogue.turns, turn), "pending": pending})
        return turn

    def undo(self) -> Turn | None:
        """Take the last turn back; its question is pending again. None where there is none."""
        if not self.dialogue.turns:
            return None
        *kept, last = self.dialogue.turns
        pending = last.question or self.dialogue.pending
        self.dialogue = self.dialogue.model_copy(update={"turns": tuple(kept), "pending": pending, "picked": None})
        return last

    def pick(self, tile: str) -> None:
        """The user found it. Raises InputError for a tile that the gallery has not."""
        if tile not in self.material.gallery.ids:
            raise InputError("There is no such hit; name one of those that are shown by its number.")
        self.dialogue = self.dialogue.model_copy(update={"picked": tile, "pending": None})

    def finished(self) -> End | None:
        """Why there is nothing more to ask; None while there is."""
        if self.dialogue.picked is not None:
            return "picked"
        if self.dialogue.pending is None and self.dialogue.round() >= self.dialogue.settings.rounds:
            return "rounds"
        return None if self.ask() is not None else "gain"

    def hits(self, k: int = 10) -> list[DialogueHit]:
        """The k likeliest tiles, best first, and where they stood before the last turn."""
        p, ids = self.posterior(), self.material.gallery.ids
        before = self._ranks_before()
        return [
            DialogueHit(ids[place], float(p[place]), rank, None if before is None else int(before[place]))
            for rank, place in enumerate(likeliest(p, k).tolist(), start=1)
        ]

    def _ranks_before(self) -> NDArray[np.intp] | None:
        if not self.dialogue.turns:
            return None
        before = self._log_posterior(self.dialogue.turns[:-1])
        order = likeliest(before, len(before))
        ranks = np.empty(len(order), np.intp)
        ranks[order] = np.arange(1, len(order) + 1)
        return ranks


def evidence_of(dialogue: Dialogue, material: Material) -> FloatArray:
    """`(n,)` log-likelihood of the query's words and of all answers given each tile.

    The order of answers about different things makes no difference; of contradictory ones the last counts.
    """
    table = material.table
    total = np.zeros(len(table.chances), np.float32)
    for name, verdict in verdicts(dialogue).items():
        if name in table.place:
            total += np.log(material.model.likelihood(verdict, table.chances[:, table.place[name]]))
    for turn in dialogue.turns:
        if turn.answer.tile is not None:
            total += _likeness(turn.answer, material)
    return total


def _likeness(answer: Answer, material: Material) -> FloatArray:
    """Feedback on a tile: cosines to it, as standard scores, for or against; nothing of a tile that was removed."""
    vectors = material.gallery.vectors
    place = material.place.get(str(answer.tile))
    if vectors is None or place is None:
        return np.zeros(len(material.gallery.ids), np.float32)
    cosines = vectors @ vectors[place]
    likeness: FloatArray = (cosines - cosines.mean()) / max(float(cosines.std()), 1e-6)
    likeness = np.minimum(likeness, 3).astype(np.float32)
    return likeness if answer.kind == "more like" else -likeness


def _named(parts: Mapping[Name, Part], name: Name) -> Part:
    if name not in parts:
        raise InputError(f"{name!r} needs a language model: name its server.")
    return parts[name]
