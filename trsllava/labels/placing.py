"""Where in a tree a new label belongs: a search from the top down (LuojiaHOG, section 3.1.2, novel labels inclusion).

Two kinds of evidence are added up. What the label's words mean, by a text encoder: kernel ridge regression learns from
all words of the tree which branch a text belongs to. And its OpenStreetMap tags: the branches that know their keys.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trsllava.labels.meaning import Meanings, texts_of, texts_of_label
from trsllava.labels.tree import ANY, LEVELS, Label, LabelTree

_WIDTH = 0.3
"""Of the kernel: how far, in cosine, one text tells about another."""
_RIDGE = 1.0
_BRANCHES = 4
"""How many labels of the first level are looked into: the likeliest alone is too often the wrong door."""
_WHOLE_KEY = 0.3
"""What it counts that a branch is for all values of a key, as `shop=*`."""
_SAME_KEY = 0.05
"""What it counts, by the logarithm of its share of them, that a branch has tags of the same key."""
_UNSEEN = 0.3
"""Tags that every branch is taken to have of a key beside those that it has."""
SURE = 0.1
"""By how much the likeliest place must lead for it to be taken without a question. All of these were chosen on
the tree with labels left out (docs/measurements/labels.md)."""


@dataclass(frozen=True)
class Place:
    """A label of the second level that a new one may belong under."""

    parent: Label
    score: float


class Placing:
    """A tree that new labels are put into."""

    def __init__(self, tree: LabelTree, meanings: Meanings) -> None:
        self._tree = tree
        self._meanings = meanings
        deepest = max((label.level for label in tree), default=0)
        depths = range(1, LEVELS) if deepest >= LEVELS - 1 else ()
        self._levels = [_Level(tree, depth, meanings) for depth in depths]

    def places(self, word: str, about: str = "", tags: Mapping[str, str] | None = None) -> list[Place]:
        """The labels of the second level that a new one may belong under, the likeliest first."""
        if not self._levels:
            return []
        texts = self._meanings.vectors(texts_of(word, about))
        branches: Collection[str | None] = [None]
        scores: dict[str, float] = {}
        for level in self._levels:
            scores = {
                name: score for name, score in level.scores(texts, tags or {}).items()
                if self._tree.labels[name].parent in branches
            }  # fmt: skip
            branches = sorted(scores, key=lambda name: -scores[name])[:_BRANCHES]
        found = [Place(self._tree.labels[name], score) for name, score in scores.items()]
        return sorted(found, key=lambda place: -place.score)


def is_sure(places: Sequence[Place]) -> bool:
    """True where the likeliest place leads by enough to be taken without a question; of no places, False."""
    if len(places) < 2:
        return len(places) == 1
    return places[0].score - places[1].score >= SURE


class _Level:
    """The labels of one level, and what tells which of them a text belongs to."""

    def __init__(self, tree: LabelTree, depth: int, meanings: Meanings) -> None:
        labels = [label for label in tree if label.level >= depth]
        texts = [(text, label.path[depth - 1]) for label in labels for text in texts_of_label(label)]
        self._tree = tree
        self._depth = depth
        self._names = list(dict.fromkeys(name for _, name in texts))
        self._known = meanings.vectors([text for text, _ in texts])
        owners = np.array([self._names.index(name) for _, name in texts])
        self._weights = _regression(self._known, owners, len(self._names))

    def scores(self, texts: NDArray[np.float32], tags: Mapping[str, str]) -> dict[str, float]:
        """How well a new label fits each label of the level; `texts`: what it is understood by, `(n, d)`."""
        meant = (_kernel(texts, self._known) @ self._weights).mean(axis=0)
        return dict(zip(self._names, (meant + self._by_keys(tags)).tolist(), strict=True))

    def _by_keys(self, tags: Mapping[str, str]) -> NDArray[np.float64]:
        whole = np.zeros(len(self._names))
        same = np.full(len(self._names), _UNSEEN)
        for label in self._tree:
            if label.level < self._depth:
                continue
            place = self._names.index(label.path[self._depth - 1])
            for rule in label.osm:
                for key, value in rule:
                    if key in tags and value == ANY:
                        whole[place] = 1
                    elif key in tags:
                        same[place] += 1
        return np.asarray(_WHOLE_KEY * whole + _SAME_KEY * np.log(same / same.mean()))


def _regression(known: NDArray[np.float32], owners: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """Weights `(texts, n)` of kernel ridge regression on who owns a text; labels with few texts count as much as
    those with many."""
    sizes = np.bincount(owners, minlength=n)
    targets = np.eye(n)[owners] - (1 - np.eye(n)[owners]) / n
    ridge = _RIDGE * np.diag(sizes[owners] / sizes.mean())
    return np.asarray(np.linalg.solve(_kernel(known, known) + ridge, targets), dtype=np.float64)


def _kernel(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.exp((one.astype(np.float64) @ other.T - 1) / _WIDTH)
