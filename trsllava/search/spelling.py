"""Slips of the keyboard in a query, repaired by the words that the collection's own captions use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from trsllava.search.english import is_english

_LETTERS = re.compile(r"[A-Za-z]+")
_PIECE = re.compile(r"\S+")
_NO_WORDS = re.compile(r"[\d_'’@/\\]|\.\w")
"""In codes, file names, addresses, genitives."""
_COMMON = 3
"""Tiles that must have a word of no dictionary, for it to take a typed word's place: captions have slips too."""


class Vocabulary(Protocol):
    """A collection's words, as `trsllava.ledger.ledger.Ledger` knows them."""

    def words(self, asked: Sequence[str]) -> Mapping[str, int]:
        """Number of tiles that have each of the given words; words of no tile are left out."""
        ...

    def words_between(self, shortest: int, longest: int) -> Mapping[str, int]:
        """All words of so many letters, with their numbers of tiles."""
        ...


@dataclass(frozen=True)
class Tolerance:
    """How far from what was typed a word may lie, by the number of letters typed."""

    one_from: int = 4
    """Shorter words are searched as typed; these may have one slip."""
    two_from: int = 6
    """And these two,"""
    likeness: float = 0.9
    """where they are at least as similar (Jaro-Winkler, 0 to 1), which puts weight on how words begin."""

    def slips(self, word: str) -> int:
        """The largest distance allowed."""
        return (len(word) >= self.one_from) + (len(word) >= self.two_from)


TOLERANCE = Tolerance()
"""Chosen on RSICD's training captions (docs/queries.md)."""


@dataclass(frozen=True)
class Spelling:
    """A query as it is searched."""

    text: str
    changes: Mapping[str, str]
    """Each word that was replaced, as typed, and what took its place."""


def as_typed(text: str) -> Spelling:
    """A query that nothing is changed in."""
    return Spelling(text, {})


def repair(text: str, vocabulary: Vocabulary, tolerance: Tolerance = TOLERANCE) -> Spelling:
    """Replace each word that neither the collection nor English knows by the nearest of the collection's words.

    Nearest by optimal string alignment: letters added, dropped, replaced, or swapped with their neighbour, one each
    (Damerau, "A technique for computer detection and correction of spelling errors", CACM 1964). Another first letter
    counts one more, for people seldom miss it (Kukich, "Techniques for automatically correcting words in text", ACM
    Computing Surveys 1992). Among equals, of two slips the most similar, then the word of most tiles.

    Left alone: short words, names (capitals past the query's first letter), whatever has digits, plurals of known
    words, and queries with letters beyond ASCII, which may be of another language. What was repaired is not changed
    again.
    """
    slips = {word: tolerance.slips(word) for word in _unknown(_words(text, tolerance), vocabulary)}
    if not slips:
        return as_typed(text)
    shortest = min(len(word) - slip for word, slip in slips.items())
    longest = max(len(word) + slip for word, slip in slips.items())
    known = vocabulary.words_between(shortest, longest)
    changes = {word: near for word in slips if (near := _nearest(word, known, tolerance))}
    return Spelling(_replaced(text, changes), changes)


def unknown_words(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The words that might be repaired: neither the collection nor English knows them."""
    return tuple(_unknown(_words(text, TOLERANCE), vocabulary))


def _words(text: str, tolerance: Tolerance) -> list[str]:
    """The distinct words that may be repaired, in lower case."""
    if any(letter.isalpha() and not letter.isascii() for letter in text):
        return []
    found = (word.group().lower() for word in _ordinary(text))
    return list(dict.fromkeys(word for word in found if tolerance.slips(word)))


def _ordinary(text: str) -> Iterator[re.Match[str]]:
    """The words of a text that are no names, codes or parts of something else."""
    for piece in _PIECE.finditer(text):
        if _NO_WORDS.search(piece.group()):
            continue
        for word in _LETTERS.finditer(text, piece.start(), piece.end()):
            first = not text[: word.start()].strip()
            if word.group().islower() or (first and word.group().istitle()):
                yield word


def _unknown(typed: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    here = vocabulary.words([form for word in typed for form in _forms(word)])
    return [word for word in typed if not any(form in here for form in _forms(word)) and not is_english(word)]


def _forms(word: str) -> Iterator[str]:
    """A word, and what it may be a plural of."""
    yield word
    for ending, instead in (("s", ""), ("es", ""), ("ies", "y")):
        if word.endswith(ending):
            yield word.removesuffix(ending) + instead


def _nearest(word: str, known: Mapping[str, int], tolerance: Tolerance) -> str | None:
    likely = []
    for other, distance, _ in process.extract(
        word, list(known), scorer=OSA.distance, score_cutoff=tolerance.slips(word), limit=None
    ):
        likeness = 1.0 if distance == 1 else JaroWinkler.similarity(word, other)
        begins_otherwise = word[0] != other[0]
        if likeness >= tolerance.likeness:
            likely.append((distance + begins_otherwise, begins_otherwise, -likeness, -known[other], other))
    return next((other for *_, tiles, other in sorted(likely) if -tiles >= _COMMON or is_english(other)), None)


def _replaced(text: str, changes: Mapping[str, str]) -> str:
    parts, end = [], 0
    for word in _ordinary(text):
        near = changes.get(word.group().lower())
        if near:
            parts += [text[end : word.start()], near.capitalize() if word.group()[0].isupper() else near]
            end = word.end()
    return "".join([*parts, text[end:]])
