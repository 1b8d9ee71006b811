"""What encoders of texts, and of pictures and texts, do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from trsllava.records import FloatArray as FloatArray
from trsllava.records import Picture


class TextEncoder(Protocol):
    """Turns texts into vectors of one space."""

    @property
    def name(self) -> str:
        """What a collection remembers: two encoders with the same name give the same vectors."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows, in the given order.

        Each distinct text is encoded once; texts longer than the model's limit are counted and warned of.
        """
        ...


class ImageTextEncoder(Protocol):
    """Turns pictures and texts into vectors of one space."""

    @property
    def name(self) -> str:
        """What a collection remembers: two encoders with the same name give the same vectors."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    def encode_images(self, pictures: Sequence[Picture]) -> FloatArray:
        """Encode pictures of any size into `(n, dim)` float32, L2-normalised rows."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows; each distinct text once."""
        ...
