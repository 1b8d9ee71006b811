"""Captions as rows of word numbers, for the objective that guesses words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from trsllava.lexicon import LEVELS, Level, is_word_of
from trsllava.models.reasoner import PAD, RARE

_FIRST = RARE + 1
_LEAST = 3
"""Words that stand in fewer captions are one and the same to the model."""


class Saying(NamedTuple):
    """A caption, and what stands behind it."""

    caption: str
    behind: str = ""
    """Attribute sentences (`far`); empty where there are none."""
    keywords: frozenset[str] | None = None
    """The words to hide, in lower case; None: the lexicon's."""


@dataclass(frozen=True)
class WordTable:
    """m captions of at most `length` words."""

    words: Tensor
    """`(m, length)` int64 word numbers, ends filled with `PAD`."""
    keywords: Tensor
    """`(m, length)` bool: the words worth hiding."""
    vocabulary: int
    """Size of the vocabulary, the numbers with a meaning of their own included."""


def word_table(texts: Sequence[Saying], levels: Sequence[Level], longest: int = 48) -> WordTable:
    """Number the words of captions and of what stands behind each; words after the `longest`-th are left out.

    Keywords are looked for in what stands behind a caption, or in the caption where that is empty: a saying's own,
    those of the lexicon only where they are of `levels`; without any of its own the lexicon's of `levels`.
    """
    split = [(_split(saying.caption), _split(saying.behind)) for saying in texts]
    counts = Counter(word for pair in split for word in {word for part in pair for word in part})
    known = sorted(word for word, count in counts.items() if count >= _LEAST)
    number = {word: place for place, word in enumerate(known, start=_FIRST)}
    worth = {word for word in known if is_word_of(word, levels)}
    length = min(longest, max([len(caption) + len(behind) for caption, behind in split], default=1) or 1)
    rows = torch.full((len(split), length), PAD)
    keywords = torch.zeros((len(split), length), dtype=torch.bool)
    for row, (caption, behind) in enumerate(split):
        words = [*caption, *behind][:length]
        begin = len(caption) if behind else 0
        rows[row, : len(words)] = torch.tensor([number.get(word, RARE) for word in words], dtype=torch.long)
        own = texts[row].keywords
        hidden = worth if own is None else {word for word in own & number.keys() if word in worth or not _known(word)}
        marked = [place >= begin and word in hidden for place, word in enumerate(words)]
        keywords[row, : len(words)] = torch.tensor(marked, dtype=torch.bool)
    return WordTable(rows, keywords, _FIRST + len(known))


def _known(word: str) -> bool:
    return is_word_of(word, LEVELS)


def _split(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())
