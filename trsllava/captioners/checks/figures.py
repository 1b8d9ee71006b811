"""Percentages, pixels and coordinates: nobody searches by them, and models make them up."""

from __future__ import annotations

import re

from trsllava.captioners.checks.sentences import sentences
from trsllava.records import RichText

_NUMBER = r"-?\d+(?:\.\d+)?"
_COORDINATE = rf"""
    [(\[] \s*{_NUMBER}\s*(?:,\s*{_NUMBER}\s*)+ [)\]]
    | \b[xy]\s*=\s*{_NUMBER}
    | \bx\s*:\s*{_NUMBER}\s*,?\s*y\s*:\s*{_NUMBER}
    | \bcoordinates?\s*:?\s*{_NUMBER}
    | \b(?:lat|lon|latitude|longitude)\b\.?\s*(?:=|:|of)?\s*{_NUMBER}
    | {_NUMBER}\s?°\s?(?:\d+(?:\.\d+)?\s?['′]\s?)?(?:\d+(?:\.\d+)?\s?["″]\s?)?(?-i:[NSEW])\b
    | {_NUMBER}\s?(?:°|degrees?)\s?(?:north|south|east|west)\b
    | \d+\.\d+\s?(?-i:[NSEW])\b
    | \d+\s?(?-i:[NS]),?\s\d+\s?(?-i:[EW])\b
"""
_FIGURE = re.compile(
    rf"\d\s*% | \bper\s?cent(?:age)?s?\b | \bpixels?\b | \d\s*px\b | \bbounding\ box(?:es)?\b | {_COORDINATE}",
    re.IGNORECASE | re.VERBOSE,
)
_PARENTHESIS = re.compile(r" ?\([^()]*\)")
_MARK = "\0"
_CLAUSES = re.compile(r"\s*[,;]\s+")


def without_figures(text: str) -> str:
    """The text without the brackets, clauses or sentences that hold figures; as it is where nothing would remain.

    A sentence whose first clause holds one goes as a whole, since what is left of it would hang in the air.
    """
    if not _FIGURE.search(text):
        return text
    bare = _PARENTHESIS.sub(lambda found: "" if _FIGURE.search(found[0][1:-1]) else found[0], text)
    kept = [shorter for sentence in sentences(bare) if (shorter := _shortened(sentence))]
    return " ".join(kept) or text


def fault(text: RichText) -> str:
    """Names the first figure that could not be taken out."""
    for number, variant in enumerate(text.variants, start=1):
        for field, words in variant.fields().items():
            if found := _FIGURE.search(words):
                return f"variant {number}, {field}: speaks in figures ({found[0].strip()!r})"
    return ""


def _shortened(sentence: str) -> str:
    marked = _FIGURE.sub(_MARK, sentence)  # coordinates hold commas themselves
    if _MARK not in marked:
        return sentence
    body = marked.rstrip(".!?")
    first, *others = _CLAUSES.split(body)
    if _MARK in first:
        return ""
    return ", ".join([first, *(clause for clause in others if _MARK not in clause)]) + marked[len(body) :]
