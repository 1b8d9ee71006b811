"""Answers in which a model says that it cannot or will not describe the picture."""

from __future__ import annotations

import re

from trsllava.records import RichText

_REFUSAL = re.compile(
    r"""\b(?: I'?\s?a?m\ (?:sorry|unable|not\ able)|I\ (?:cannot|can'?t|can\ not|do\ not|don'?t|apologi[sz]e)\b
    | sorry,?\ (?:but\ )?I\b | as\ an?\ (?:ai|artificial|large\ language|language)\b
    | (?:unable|not\ able|impossible)\ to\ (?:determine|describe|identify|view|see|tell|process|make\ out)
    | no\ (?:image|picture|photo)\ (?:was|is|has\ been|were)?\s*(?:provided|attached|given|shown|available|visible)
    | (?:image|picture)\ (?:could\ not|cannot|can'?t|failed\ to)\b )""",
    re.IGNORECASE | re.VERBOSE,
)


def refusal_in(words: str) -> str:
    """The first words of a text that refuse; empty where none do."""
    found = _REFUSAL.search(words.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    return found[0].strip() if found else ""


def fault(text: RichText) -> str:
    """Quotes the first refusal."""
    for number, variant in enumerate(text.variants, start=1):
        for field, words in variant.fields().items():
            if found := refusal_in(words):
                return f"variant {number}, {field}: refuses ({found!r})"
    return ""
