"""What all dialogues over one gallery share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trsllava.dialogue.attributes import AttributeTable, attribute_table
from trsllava.dialogue.gallery import Gallery
from trsllava.dialogue.posterior import PERSON, AnswerModel
from trsllava.encoders.protocol import FloatArray
from trsllava.search.fusion import standardize
from trsllava.search.negation import read_negation
from trsllava.search.without import SHARE


@dataclass(frozen=True)
class Material:
    """A gallery, what can be asked about it, and how answers come. It changes with none of the dialogues."""

    gallery: Gallery
    model: AnswerModel = PERSON

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Each tile's number, by id."""
        return {tile: number for number, tile in enumerate(self.gallery.ids)}

    @cached_property
    def table(self) -> AttributeTable:
        """The attributes of the tiles."""
        return attribute_table(self.gallery)

    @cached_property
    def uncertainty(self) -> FloatArray:
        """`(n, A)` bits, `AnswerModel.uncertainty` of the table."""
        return self.model.uncertainty(self.table.chances)

    def scores(self, caption: str) -> FloatArray:
        """`(n,)` standard scores of a caption; what it says is not there counts against the tiles that show it."""
        asked = read_negation(caption)
        if not (asked.unwanted and asked.wanted):
            return _standard(self.gallery.scores(caption))
        shown = np.sum([_standard(self.gallery.scores(thing)) for thing in asked.unwanted], axis=0)
        return _standard(_standard(self.gallery.scores(asked.wanted)) - np.float32(SHARE) * shown)


def _standard(scores: FloatArray) -> FloatArray:
    return np.asarray(standardize(scores, None), np.float32)
