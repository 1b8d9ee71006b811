"""Labels of a data set: what images are relevant to each other by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["second", "third"]
"""Of LuojiaHOG's tree of classes: 21 of the second level, and 131 of the third below them."""


@dataclass(frozen=True)
class LabelledImage:
    """One image, its labels, and what is said of it where the data set has texts as well."""

    image: str
    """Path within the data set's folder."""
    labels: frozenset[str]
    """Empty: nothing is relevant to it."""
    split: str = ""
    """Empty: the file is not split, the image belongs to any."""
    captions: tuple[str, ...] = ()
    captioner: str = ""
    """The model that wrote the captions; empty: people did."""
