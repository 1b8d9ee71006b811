"""Which words mean the same: by their letters, and by their meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from trsllava.labels.form import form
from trsllava.labels.meaning import Meanings
from trsllava.labels.tree import Label, LabelTree

IsWord = Callable[[str], bool]
"""True for a correctly spelt word, in lower case."""

_SHORTEST = 5
"""Letters; a slip in a shorter word makes another word."""
_SPELT_ALIKE = 0.8
"""Share of letters that must be the same."""
SAME = 0.9
"""Cosine from which on two words are taken to mean the same,"""
PERHAPS = 0.8
"""and from which on a person, or a language model, is asked. Chosen on the tree's own synonyms
(docs/measurements/labels.md)."""


@dataclass(frozen=True)
class Twin:
    """A label that a word may be another name for."""

    label: Label
    by: Literal["spelling", "meaning"]
    likeness: float
    """By spelling the share of letters, by meaning the cosine."""

    @property
    def is_sure(self) -> bool:
        """True where no question is needed."""
        return self.by == "spelling" or self.likeness >= SAME


def twin(tree: LabelTree, word: str, meanings: Meanings, is_word: IsWord, *, level: int | None = None) -> Twin | None:
    """The label that a word is most likely another name for, of that level where one is given; None where it is like
    none, or a person has said that they are apart."""
    others = [
        label for label in tree
        if (level is None or label.level == level) and not any(tree.are_apart(word, own) for own in label.words)
        if form(word) not in {form(own) for own in label.words}
    ]  # fmt: skip
    return _spelt_alike(others, word, is_word) or _meant_alike(others, word, meanings)


def _spelt_alike(labels: list[Label], word: str, is_word: IsWord) -> Twin | None:
    asked = _letters(word)
    owners = {_letters(own): label for label in labels for own in label.words}
    if asked in owners:
        return Twin(owners[asked], "spelling", 1.0)
    if len(asked) < _SHORTEST or all(is_word(part) for part in form(word).split()):
        return None
    found = process.extractOne(asked, owners.keys(), scorer=OSA.normalized_similarity, score_cutoff=_SPELT_ALIKE)
    return Twin(owners[found[0]], "spelling", found[1]) if found else None


def _meant_alike(labels: list[Label], word: str, meanings: Meanings) -> Twin | None:
    words = [(own, label) for label in labels for own in label.words]
    if not words:
        return None
    meanings.learn([word, *(own for own, _ in words)])
    likeness = meanings.vectors([own for own, _ in words]) @ meanings.vectors([word])[0]
    best = int(likeness.argmax())
    return Twin(words[best][1], "meaning", float(likeness[best])) if likeness[best] >= PERHAPS else None


def _letters(word: str) -> str:
    return form(word).replace(" ", "")
