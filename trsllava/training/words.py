"""Captions as rows of word numbers, for the objective that guesses words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from trsllava.models.reasoner import PAD, RARE
from trsllava.training.lexicon import Level, is_word_of

_FIRST = RARE + 1
_LEAST = 3
"""Words that stand in fewer captions are one and the same to the model."""


@dataclass(frozen=True)
class WordTable:
    """m captions of at most `length` words."""

    words: Tensor
    """`(m, length)` int64 word numbers, ends filled with `PAD`."""
    keywords: Tensor
    """`(m, length)` bool: the words of the lexicon."""
    vocabulary: int
    """Size of the vocabulary, the numbers with a meaning of their own included."""


def word_table(texts: Sequence[str], levels: Sequence[Level], longest: int = 40) -> WordTable:
    """Number the words of captions; those after the `longest`-th are left out. Keywords are those of `levels`."""
    split = [re.findall(r"[a-z]+", text.lower())[:longest] for text in texts]
    counts = Counter(word for words in split for word in set(words))
    known = sorted(word for word, count in counts.items() if count >= _LEAST)
    number = {word: place for place, word in enumerate(known, start=_FIRST)}
    length = max([len(words) for words in split], default=1) or 1
    rows = torch.full((len(split), length), PAD)
    keywords = torch.zeros((len(split), length), dtype=torch.bool)
    seen = {word: is_word_of(word, levels) and word in number for word in counts}
    for row, words in enumerate(split):
        rows[row, : len(words)] = torch.tensor([number.get(word, RARE) for word in words], dtype=torch.long)
        keywords[row, : len(words)] = torch.tensor([seen[word] for word in words], dtype=torch.bool)
    return WordTable(rows, keywords, _FIRST + len(known))
