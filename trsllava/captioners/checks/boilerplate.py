"""Openings that speak of the picture and not of what is in it: "This is an image of a harbor" becomes "A harbor"."""

from __future__ import annotations

import re

from trsllava.captioners.checks.sentences import capitalised, sentences

_KIND = (
    r"(?:(?:aerial|satellite|overhead|bird'?s[- ]eye|top[- ]?down|remote[- ]sensing|drone|high|low|resolution|colou?r|"
    r"detailed|clear|single|whole|entire|rgb|google|earth|given|provided|following)[- ]+)"
)
_PICTURE = r"(?:image|picture|photo|photograph|snapshot|shot|view)"
_IMAGERY = r"(?:the\s+|this\s+)?(?:satellite|aerial|drone)\s+(?:imagery|photography)"
_SHOWS = (
    r"(?:(?:also|clearly|mainly|mostly|primarily)\s+)?"
    r"(?:shows?|showcases?|depicts?|displays?|captures?|features?|presents?|illustrates?|reveals?|portrays?|contains?|"
    rf"(?:provides?|offers?|gives?)\s+(?:us\s+)?an?\s+{_KIND}*(?:view|overview|look|glimpse|perspective)\s+(?:of|at))"
)
_SHOWING = (
    r"(?:of|showing|showcasing|depicting|displaying|capturing|featuring|(?:that|which)\s+(?:shows|showcases|depicts))"
)
_SUBJECT = rf"(?:this|the)\s+{_KIND}*(?:{_PICTURE}|scene)"
_OF_QUALITY = r"(?:\w+\s+)?(?:quality|resolution)\b"
_OPENINGS = tuple(
    re.compile(r"(?:overall,?\s+)?" + opening, re.IGNORECASE)
    for opening in (
        rf"(?:this|it|here|{_SUBJECT})\s+is\s+(?:an?|the)\s+{_KIND}*{_PICTURE}\s+{_SHOWING}\s+",
        rf"{_SUBJECT}\s+is\s+of\s+(?!{_OF_QUALITY})",
        rf"(?:an?\s+{_KIND}*{_PICTURE}|{_KIND}+{_PICTURE})\s+{_SHOWING}\s+",
        rf"(?:{_SUBJECT}|an?\s+{_KIND}*{_PICTURE}|{_IMAGERY})\s+{_SHOWS}\s+(?:us\s+|that\s+)?",
        rf"in\s+(?:this|the)\s+{_KIND}*{_PICTURE}\s*,?\s+(?:(?:we|one|you)\s+(?:can\s+)?sees?\s+(?:that\s+)?)?",
    )
)
_NO_BEGINNING = re.compile(r"(?:how|what|when|where|whether|which|why|am|are|is|has|have|was|were)\b", re.IGNORECASE)
"""Words that nothing but a question can begin with once its opening is off: "In the picture are two ships"."""


def without_boilerplate(text: str) -> str:
    """The text with such openings taken off its sentences; as it is where nothing would remain."""
    return " ".join(_stripped(sentence) for sentence in sentences(text))


def _stripped(sentence: str) -> str:
    for opening in _OPENINGS:
        if (found := opening.match(sentence)) and _can_stand_alone(rest := sentence[found.end() :]):
            return _stripped(capitalised(rest))
    return sentence


def _can_stand_alone(rest: str) -> bool:
    return any(letter.isalnum() for letter in rest) and not _NO_BEGINNING.match(rest)
