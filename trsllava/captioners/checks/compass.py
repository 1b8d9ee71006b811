"""Compass words about a picture of which nobody knows where north lies."""

from __future__ import annotations

import re

from trsllava.records import RichText

_COMPASS = re.compile(
    r"\b(?:(?:north|south)[ -]?)?(?:north|south|east|west)(?:ern(?:most)?|erly|wards?|bound|most)?\b", re.IGNORECASE
)
_ABBREVIATED = re.compile(r"\b(?:NE|NW|SE|SW|NNE|NNW|SSE|SSW|ENE|ESE|WNW|WSW|[NESW]-[NESW])\b")


def fault(text: RichText, north_up: bool) -> str:
    """Quotes the first compass word where north is not known to be up."""
    if north_up:
        return ""
    for number, variant in enumerate(text.variants, start=1):
        for field, words in variant.fields().items():
            if found := _COMPASS.search(words) or _ABBREVIATED.search(words):
                return f"variant {number}, {field}: says {found[0]!r}, but north is not known"
    return ""
