"""What somebody who is typing a query may mean: words of the collection that go on, and slips repaired."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from trsllava.ledger.ledger import Ledger
from trsllava.search.spelling import repair

_LAST_WORD = re.compile(r"[A-Za-z]+$")
_SPARE = 4
"""Times as many words are looked at as are wanted: some stand for nothing."""


@dataclass(frozen=True)
class Completion:
    """A word that goes on from what was typed."""

    word: str
    tiles: int
    """Number of tiles whose captions or labels have it."""
    text: str
    """What was typed, with the word in the place of its last."""


@dataclass(frozen=True)
class Suggestions:
    """What a text may become."""

    completions: list[Completion]
    """Most frequent first."""
    repaired: str | None = None
    """The text with its slips repaired; None where nothing is to be repaired."""


def suggest(text: str, ledger: Ledger, *, limit: int, has_meaning: Callable[[str], bool]) -> Suggestions:
    """What a text may become: its last word completed in at most `limit` ways, its slips repaired.

    `has_meaning`: whether a word stands for something, as `the` does not.
    """
    last = _LAST_WORD.search(text)
    found: list[Completion] = []
    if last is not None:
        begun = last.group().lower()
        words = ledger.words_beginning(begun, _SPARE * limit)
        telling = [word for word in words if has_meaning(word)][:limit]
        found = [Completion(word, words[word], text[: last.start()] + word) for word in telling]
    if found:
        return Suggestions(found)  # what goes on is no slip
    mended = repair(text, ledger)
    return Suggestions(found, mended.text if mended.changes else None)
