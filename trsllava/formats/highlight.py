"""Which words of a matching text the query asked for."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")
_COMMON = frozenset(
    {
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "has",
        "have",
        "in",
        "into",
        "is",
        "it",
        "its",
        "near",
        "of",
        "on",
        "or",
        "over",
        "that",
        "the",
        "there",
        "these",
        "this",
        "to",
        "was",
        "were",
        "which",
        "with",
        "without",
    }
)


def marked(text: str, query: str) -> list[tuple[str, bool]]:
    """The text in pieces, in order: True for words that the query holds too, whatever their case and number.

    Words like "the" and "with" are never marked, for they explain nothing.
    """
    wanted = {_singular(word) for word in _WORD.findall(query.casefold())} - _COMMON
    pieces: list[tuple[str, bool]] = []
    end = 0
    for word in _WORD.finditer(text):
        if _singular(word.group().casefold()) in wanted:
            pieces += [(text[end : word.start()], False), (word.group(), True)]
            end = word.end()
    pieces.append((text[end:], False))
    return [piece for piece in pieces if piece[0]]


def _singular(word: str) -> str:
    """A rough singular, good enough to see that harbours are harbours: not for reading."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + instead
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
