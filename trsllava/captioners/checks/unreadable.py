"""Control characters, undecodable bytes and runs of space: taken out."""

from __future__ import annotations

_UNDECODABLE = "\N{REPLACEMENT CHARACTER}"
"""What a server writes for bytes that are no UTF-8: up to four for what its grammar counted as one character."""


def readable(text: str) -> str:
    """The text without what nobody can read, its words one space apart."""
    return " ".join("".join(letter if _is_readable(letter) else " " for letter in text).split())


def _is_readable(letter: str) -> bool:
    return letter.isprintable() and letter != _UNDECODABLE
