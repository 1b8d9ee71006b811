"""What labels mean, by a text encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from trsllava.labels.tree import Label
from trsllava.records import FloatArray

Encode = Callable[[Sequence[str]], FloatArray]
"""Texts as `(n, d)` float32, L2-normalised rows."""


class Meanings:
    """Texts as vectors, each encoded once."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def learn(self, texts: Sequence[str]) -> None:
        """Encode texts that are not known yet, all at once."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if fresh:
            self._vectors |= dict(zip(fresh, self._encode(fresh), strict=True))

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts as `(n, d)` float32, L2-normalised rows."""
        self.learn(texts)
        return np.stack([self._vectors[text] for text in texts])

    def likeness(self, word: str, label: Label) -> float:
        """How nearly a word means what a label's nearest word does: a cosine."""
        return float((self.vectors([word]) @ self.vectors(label.words).T).max())


def texts_of(word: str, about: str) -> list[str]:
    """What a word is understood by: itself, and what is said about it, alone and together."""
    return [word, about, f"{word}: {about}"] if about else [word]


def texts_of_label(label: Label) -> list[str]:
    """What a label is understood by: its words, and what is said about it."""
    return [*label.words, *texts_of(label.name, label.about)[1:]]
