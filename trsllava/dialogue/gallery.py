"""The tiles that a dialogue is about, as a collection or an evaluation hands them over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from trsllava.encoders.protocol import FloatArray


@dataclass(frozen=True)
class Presence:
    """What an image-grounded model sees in each of n tiles."""

    names: tuple[str, ...]
    """t keywords of the lexicon."""
    chances: FloatArray
    """`(n, t)` float32, 0…1: that people would speak of it; NaN where a tile was not looked at."""


class Gallery(Protocol):
    """n tiles, and what any text scores with them."""

    @property
    def ids(self) -> Sequence[str]:
        """The tiles' ids."""
        ...

    @property
    def texts(self) -> Sequence[Sequence[str]]:
        """The texts of each tile that are in the index; none where a tile has none."""
        ...

    @property
    def vectors(self) -> FloatArray | None:
        """`(n, d)` float32 of the pictures, L2-normalised; None where the index has none."""
        ...

    @property
    def presence(self) -> Presence | None:
        """What is seen in the tiles; None where nothing looked at them."""
        ...

    def scores(self, text: str) -> FloatArray:
        """What a text scores with each tile, `(n,)` float32, as a search ranks them: standard scores, best highest."""
        ...
