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
"""Share of letters that must be the same,"""
_SPELT_ALIKE_AS_A_WORD = 0.85
"""and for a word that is spelt correctly, as `forrest`, which is a name: then a person is asked."""
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
    is_sure: bool
    """No question is needed."""


def twin(tree: LabelTree, word: str, meanings: Meanings, is_word: IsWord, *, level: int | None = None) -> Twin | None:
    """The label that a word is most likely another name for; None where it is like none, or a person keeps them apart.

    `level`: labels of other levels are compared by their spelling alone.
    """
    others = [
        label for label in tree
        if not any(tree.are_apart(word, own) for own in label.words)
        if form(word) not in {form(own) for own in label.words}
    ]  # fmt: skip
    spelt = _spelt_alike(others, word, is_word)
    if spelt is not None and spelt.is_sure:
        return spelt
    return _meant_alike(_of_level(others, level), word, meanings) or spelt


def _of_level(labels: list[Label], level: int | None) -> list[Label]:
    return [label for label in labels if level is None or label.level == level]


def _spelt_alike(labels: list[Label], word: str, is_word: IsWord) -> Twin | None:
    asked = _letters(word)
    owners = {_letters(own): label for label in labels for own in label.words}
    if asked in owners:
        return Twin(owners[asked], "spelling", 1.0, is_sure=True)
    if len(asked) < _SHORTEST:
        return None
    correct = all(is_word(part) for part in form(word).split())
    if correct and " " in form(word):
        return None
    least = _SPELT_ALIKE_AS_A_WORD if correct else _SPELT_ALIKE
    found = process.extractOne(asked, owners.keys(), scorer=OSA.normalized_similarity, score_cutoff=least)
    return Twin(owners[found[0]], "spelling", found[1], is_sure=not correct) if found else None


def _meant_alike(labels: list[Label], word: str, meanings: Meanings) -> Twin | None:
    words = [(own, label) for label in labels for own in label.words]
    if not words:
        return None
    meanings.learn([word, *(own for own, _ in words)])
    likeness = meanings.vectors([own for own, _ in words]) @ meanings.vectors([word])[0]
    best = int(likeness.argmax())
    if likeness[best] < PERHAPS:
        return None
    return Twin(words[best][1], "meaning", float(likeness[best]), is_sure=bool(likeness[best] >= SAME))


def _letters(word: str) -> str:
    return form(word).replace(" ", "")
