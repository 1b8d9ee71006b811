"""The words that the caption decoder knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor

from trsllava.models.word_numbers import END, FIRST_WORD, UNKNOWN

_LONGEST = 24
"""Words of a caption that are learnt."""
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*|,")


def learn_vocabulary(texts: Iterable[str], least: int) -> tuple[str, ...]:
    """Words, and the comma, that stand in at least `least` of the texts, by name."""
    counts = Counter(word for text in texts for word in set(split_words(text)))
    return tuple(sorted(word for word, count in counts.items() if count >= least))


def split_words(text: str) -> list[str]:
    """Words in lower case, and commas."""
    return _WORD.findall(text.lower())


def number_words(texts: Sequence[str], vocabulary: Sequence[str], longest: int = _LONGEST) -> Tensor:
    """`(n, l)` int64 word numbers, each row closed and filled up with `END`; later words are left out."""
    number: Mapping[str, int] = {word: place for place, word in enumerate(vocabulary, start=FIRST_WORD)}
    rows = [[number.get(word, UNKNOWN) for word in split_words(text)[:longest]] for text in texts]
    table = torch.full((len(rows), max(map(len, rows), default=0) + 1), END)
    for place, row in enumerate(rows):
        table[place, : len(row)] = torch.tensor(row, dtype=torch.long)
    return table
