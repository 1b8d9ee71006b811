"""What every questioner does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trsllava.dialogue.candidates import likeliest, spread_out
from trsllava.dialogue.material import Material
from trsllava.dialogue.state import Dialogue, Question
from trsllava.dialogue.statements import verdicts
from trsllava.encoders.protocol import FloatArray


@dataclass(frozen=True)
class Moment:
    """Where a dialogue stands when a question is due."""

    dialogue: Dialogue
    material: Material
    caption: str
    """All that is known, as one caption."""
    p: FloatArray
    """`(n,)` float32, the posterior over tiles."""

    @cached_property
    def candidates(self) -> NDArray[np.intp]:
        """`(S,)` the likeliest tiles, best first."""
        return likeliest(self.p, self.dialogue.settings.candidates)

    @cached_property
    def informative(self) -> NDArray[np.intp]:
        """`(K,)` those of them that stand for the others: what a language model is shown."""
        vectors, count = self.material.gallery.vectors, self.dialogue.settings.informative
        if vectors is None:
            return self.candidates[:count]
        return spread_out(vectors, self.p, self.candidates, count)

    @cached_property
    def open(self) -> NDArray[np.intp]:
        """Columns of the attributes that may be asked: not asked yet, not told by the query or an answer, and had by
        some candidate."""
        table = self.material.table
        closed = {question.attribute for question in self.dialogue.questions()} | verdicts(self.dialogue).keys()
        had = np.asarray(table.had[self.candidates].any(axis=0), np.bool_)
        had[table.columns(closed)] = False
        return np.flatnonzero(had)


class Questioner(Protocol):
    """Chooses what to ask. Subclasses that score no caption need not say so."""

    def scored(self, moment: Moment) -> Sequence[str]:  # noqa: ARG002
        """The captions that `ask` will have scored: whoever runs many dialogues scores them together."""
        return ()

    def ask(self, moment: Moment) -> Question | None:
        """The next question, about an attribute of `moment.open` or a free one; None where there is nothing to ask."""
        ...
