"""Where sentences begin."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"(?<=[.!?])\s+")


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with its closing mark."""
    return [sentence for sentence in _BETWEEN.split(text.strip()) if sentence]


def capitalised(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
