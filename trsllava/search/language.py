"""Which language a query is written in, where that is not English.

Queries are short, so words decide: how often each occurs in a language, by the word counts of pyspellchecker's
dictionaries. A word that the collection's captions use is never foreign.
"""

from __future__ import annotations

import gzip
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_TOKENS: Final = {"en": 1.65e9, "fr": 3.5e8, "es": 6.9e8, "it": 4.5e8, "pt": 3.9e8, "de": 1.2e8, "nl": 3.8e8}
"""Words counted for each dictionary."""
_NAMES: Final = {
    "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "de": "German", "nl": "Dutch",
}  # fmt: skip
_SCRIPTS: Final = {
    "CYRILLIC": "a language in Cyrillic letters", "GREEK": "Greek", "ARABIC": "a language in Arabic letters",
    "HEBREW": "Hebrew", "DEVANAGARI": "a language in Devanagari letters", "THAI": "Thai", "HANGUL": "Korean",
    "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "CJK": "Chinese or Japanese",
}  # fmt: skip
_RARE: Final = -9.5
"""Decimal logarithm of the frequency of a word that a dictionary lacks;"""
_HERE: Final = -5.0
"""the least for English of a word that the collection's captions use."""
_MOST: Final = 4.0
"""The most that one word may say, either way."""
_MARGIN: Final = 2.6
"""How much likelier than English a language must be, as a decimal logarithm (docs/queries.md)."""
_CLOSE: Final = 1.0
"""Languages this near to the likeliest are named beside it."""
_FOREIGN_SHARE: Final = 0.2
_REMEMBERED: Final = 20_000
"""Words whose frequencies are remembered, each in every language: a service meets new ones without an end."""
_LINE: Final = b'\n"'
"""Begins a word in a dictionary."""
_WORD = re.compile(r"[^\W\d_]+")


def foreign_language(text: str, known: Callable[[Sequence[str]], Mapping[str, int]]) -> str:
    """The language that a query seems to be written in, in English words; empty for English, and where nothing tells.

    `known`: which of these words, in lower case, the collection's captions use.
    """
    if script := _other_script(text):
        return script
    words = [word.lower() for word in _WORD.findall(text)]
    here = known(words)
    if not words or all(word in here for word in words):
        return ""
    english = [
        max(rate, _HERE) if word in here else rate for word, rate in zip(words, _rates("en", words), strict=True)
    ]
    scores = {language: _likelier(_rates(language, words), english) for language in _NAMES}
    best = max(scores.values())
    if best < _MARGIN:
        return ""
    likely = sorted(
        (language for language in scores if scores[language] > best - _CLOSE), key=lambda code: -scores[code]
    )
    return " or ".join(_NAMES[language] for language in likely[:2])


def _likelier(rates: Sequence[float], english: Sequence[float]) -> float:
    return sum(max(-_MOST, min(_MOST, rate - usual)) for rate, usual in zip(rates, english, strict=True))


def _other_script(text: str) -> str:
    """The script's language where more than a fifth of the letters are not Latin."""
    letters = [letter for letter in text if letter.isalpha()]
    scripts = [unicodedata.name(letter, "").split(" ")[0].split("-")[0] for letter in letters]
    others = [script for script in scripts if script != "LATIN"]
    if len(others) <= _FOREIGN_SHARE * len(letters):
        return ""
    if {"HIRAGANA", "KATAKANA"} & set(others):
        return _SCRIPTS["HIRAGANA"]
    return next((_SCRIPTS[script] for script in others if script in _SCRIPTS), "a language in another script")


def _rates(language: str, words: Sequence[str]) -> list[float]:
    """Decimal logarithms of how frequent words are in a language."""
    return [_rate(language, word) for word in words]


@lru_cache(maxsize=_REMEMBERED)
def _rate(language: str, word: str) -> float:
    count = _count(_dictionary(language), word.encode())
    return math.log10(count / _TOKENS[language]) if count else _RARE


def _count(dictionary: bytes, word: bytes) -> int:
    """How often a word was counted, 0 for one that the dictionary lacks. The words stand in order, one a line, so each
    look halves what is left of it."""
    low, high = 0, len(dictionary)
    while low < high:
        before = dictionary.rfind(_LINE, low, (low + high) // 2)
        start = dictionary.find(_LINE, low) if before < 0 else before
        if not low <= start < high:
            return 0
        end = dictionary.index(b'": ', start)
        if (here := dictionary[start + len(_LINE) : end]) == word:
            return int(re.split(rb"[,\n]", dictionary[end + 3 : end + 23])[0])
        low, high = (end, high) if here < word else (low, start)
    return 0


@cache
def _dictionary(language: str) -> bytes:
    """JSON with its words in order, one a line, of which a few are looked up faster than it could be read."""
    package = find_spec("spellchecker")
    assert package is not None  # it is a dependency
    assert package.submodule_search_locations
    folder = Path(package.submodule_search_locations[0]) / "resources"
    return gzip.decompress((folder / f"{language}.json.gz").read_bytes())
