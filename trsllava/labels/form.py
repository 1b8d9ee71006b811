"""What spellings of one label have in common."""

from __future__ import annotations

import re
import unicodedata

_BUSES = re.compile(r"[^aeiou]uses$")
"""`buses` and `campuses`, but not `houses`."""
_GAPS = re.compile(r"[\s_-]+")


def form(label: str) -> str:
    """A label in lower case and the singular, with single spaces for hyphens and underscores."""
    words = _GAPS.sub(" ", unicodedata.normalize("NFKC", label).casefold()).split()
    return " ".join(map(_singular, words))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")) or _BUSES.search(word):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word
