"""Openings that speak of the picture and not of what is in it: "This is an image of a harbor" becomes "A harbor"."""

from __future__ import annotations

import re

from trsllava.captioners.checks.sentences import capitalised, sentences

_KIND = (
    r"(?:(?:aerial|satellite|overhead|bird'?s[- ]eye|top[- ]?down|remote[- ]sensing|drone|high|low|resolution|colou?r|"
    r"detailed|clear|single|whole|entire|rgb|google|earth|given|provided|following)[- ]+)"
)
_PICTURE = r"(?:image|picture|photo|photograph|snapshot|shot|view)"
_SHOWS = (
    r"(?:(?:also|clearly|mainly|mostly|primarily)\s+)?"
    r"(?:shows?|depicts?|displays?|captures?|features?|presents?|illustrates?|reveals?|portrays?|contains?)"
)
_SHOWING = r"(?:of|showing|depicting|displaying|capturing|featuring|that\s+shows|which\s+shows|that\s+depicts)"
_OPENINGS = (
    re.compile(rf"(?:this|it|here)\s+is\s+(?:an?|the)\s+{_KIND}*{_PICTURE}\s+{_SHOWING}\s+", re.IGNORECASE),
    re.compile(rf"an?\s+{_KIND}*{_PICTURE}\s+{_SHOWING}\s+", re.IGNORECASE),
    re.compile(rf"(?:this|the)\s+{_KIND}*{_PICTURE}\s+{_SHOWS}\s+(?:us\s+|that\s+)?", re.IGNORECASE),
    re.compile(
        rf"in\s+(?:this|the)\s+{_KIND}*{_PICTURE}\s*,?\s+(?:(?:we|one|you)\s+(?:can\s+)?sees?\s+(?:that\s+)?)?",
        re.IGNORECASE,
    ),
)


def without_boilerplate(text: str) -> str:
    """The text with such openings taken off its sentences; as it is where nothing would remain."""
    return " ".join(_stripped(sentence) for sentence in sentences(text))


def _stripped(sentence: str) -> str:
    for opening in _OPENINGS:
        if (found := opening.match(sentence)) and any(letter.isalnum() for letter in sentence[found.end() :]):
            return _stripped(capitalised(sentence[found.end() :]))
    return sentence
