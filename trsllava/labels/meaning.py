"""What labels mean, by a text encoder: which is like which, and where a new one belongs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trsllava.labels.tree import LEVELS, Label, LabelTree
from trsllava.records import FloatArray

Encode = Callable[[Sequence[str]], FloatArray]
"""Texts as `(n, d)` float32, L2-normalised rows."""

_OWN = 0.5
"""How much the likeness to a label's own words counts, against the likeness to the labels below it."""
_BELOW = 3
"""How many of the labels below one count: those most like the new label."""
_BEAM = 3
"""How many labels of a level are looked into: the best alone is too often the wrong door."""


@dataclass(frozen=True)
class Place:
    """A label of the second level that a new one may belong under."""

    parent: Label
    likeness: float


class Meanings:
    """The labels of a tree as vectors, and new ones beside them."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def learn(self, texts: Sequence[str]) -> None:
        """Encode texts that are not known yet, all at once."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if fresh:
            self._vectors |= dict(zip(fresh, self._encode(fresh), strict=True))

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts as `(n, d)` float32, L2-normalised rows; each distinct text is encoded once."""
        self.learn(texts)
        return np.stack([self._vectors[text] for text in texts])

    def places(self, tree: LabelTree, word: str, about: str = "") -> list[Place]:
        """The labels of the second level that a new one may belong under, the likeliest first.

        Found from the top down (LuojiaHOG, section 3.1.2: novel labels inclusion), a few branches at a time.
        """
        self.learn([text for label in tree for text in texts_of(label)])
        asked = self.vectors(texts_of_new(word, about))
        own = {label.name: self._likeness(asked, label) for label in tree}
        level: list[str | None] = [None]
        for depth in range(1, LEVELS):
            found = [child for above in level for child in tree.children(above)]
            found.sort(key=lambda label: -_score(tree, label, own))
            level = [label.name for label in found[: _BEAM if depth < LEVELS - 1 else len(found)]]
        return [Place(tree.labels[name], _score(tree, tree.labels[name], own)) for name in level if name is not None]

    def nearest(self, tree: LabelTree, word: str, about: str = "", *, limit: int = 5) -> list[tuple[Label, float]]:
        """The labels of the third level that mean most nearly the same, and how nearly (cosine)."""
        labels = [label for label in tree if label.level == LEVELS]
        self.learn([text for label in labels for text in texts_of(label)])
        asked = self.vectors(texts_of_new(word, about))
        found = sorted(((label, self._likeness(asked, label)) for label in labels), key=lambda pair: -pair[1])
        return found[:limit]

    def _likeness(self, asked: NDArray[np.float32], label: Label) -> float:
        return float((asked @ self.vectors(texts_of(label)).T).max(axis=1).mean())


def texts_of(label: Label) -> list[str]:
    """What a label is compared by: each of its words, and its name with what is said about it."""
    return [*label.words, *([f"{label.name}: {label.about}"] if label.about else [])]


def texts_of_new(word: str, about: str) -> list[str]:
    """What a new label is compared by."""
    return [word, f"{word}: {about}"] if about else [word]


def _score(tree: LabelTree, label: Label, own: dict[str, float]) -> float:
    below = sorted((own[one.name] for one in tree.within(label.name) if one != label), reverse=True)[:_BELOW]
    return _OWN * own[label.name] + (1 - _OWN) * sum(below) / len(below) if below else own[label.name]
