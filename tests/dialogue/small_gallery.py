"""A gallery of a few tiles whose texts share words with queries, for tests without encoders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from trsllava.dialogue.attributes import concepts
from trsllava.dialogue.gallery import Presence
from trsllava.encoders.protocol import FloatArray

TEXTS = (
    ("a river with green trees on the bank", "many trees beside a river"),
    ("a river under a bridge", "a bridge over a wide river"),
    ("a river with white boats", "some boats float on a river"),
    ("a river between houses", "red roofs near a river"),
    ("a river with a bridge and trees", "green trees and a bridge"),
    ("a river with boats and houses", "boats in front of houses"),
)


@dataclass(frozen=True)
class SmallGallery:
    """Scores are shares of the query's concepts that a tile's texts name."""

    texts: Sequence[Sequence[str]] = TEXTS
    vectors: FloatArray | None = None
    presence: Presence | None = None
    ids: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", self.ids or [str(number) for number in range(len(self.texts))])

    def scores(self, text: str) -> FloatArray:
        asked = concepts(text)
        named = [frozenset().union(*map(concepts, texts)) for texts in self.texts]
        return np.array([len(asked & own) / max(1, len(asked)) for own in named], np.float32)
