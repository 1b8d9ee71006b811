"""What every questioner does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trsllava.dialogue.material import Material
from trsllava.dialogue.state import Dialogue, Question
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
    candidates: NDArray[np.intp]
    """`(S,)` the likeliest tiles, best first."""
    informative: NDArray[np.intp]
    """`(K,)` those of them that questions are to be about."""
    open: NDArray[np.intp]
    """Columns of the attributes that may be asked: not asked yet, not answered by the history, had by some
    candidate."""


class Questioner(Protocol):
    """Chooses what to ask. Subclasses that score no caption need not say so."""

    def scored(self, moment: Moment) -> Sequence[str]:  # noqa: ARG002
        """The captions that `ask` will have scored: whoever runs many dialogues scores them together."""
        return ()

    def ask(self, moment: Moment) -> Question | None:
        """The next question, about an attribute of `moment.open` or a free one; None where there is nothing to ask."""
        ...
