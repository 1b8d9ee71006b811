"""Loops: a model that says the same words over and over until its room is full."""

from __future__ import annotations

import re
from collections import Counter

from trsllava.captioners.checks.sentences import sentences
from trsllava.records import RichText

_LONGEST_PERIOD = 12
"""In words."""
_TIMES = 4
"""A phrase said so often without a break is a loop."""
_SENTENCES = 3
"""So is a sentence said so often anywhere in one text."""
_LETTERS = re.compile(r"([^\s.]{1,8}?)\1{7,}")
_LEAST_WORDS_OF_A_SENTENCE = 4


def fault(text: RichText) -> str:
    """Quotes the first loop."""
    for number, variant in enumerate(text.variants, start=1):
        for field, words in variant.fields().items():
            if found := looped(words):
                return f"variant {number}, {field}: repeats {found!r}"
    return ""


def looped(text: str) -> str:
    """The letters, words or sentence that a text repeats as a loop does; empty where there is none."""
    if found := _LETTERS.search(text):
        return found[0][:40]
    words = re.findall(r"\w+", text.casefold())
    for period in range(1, _LONGEST_PERIOD + 1):
        run = 0
        for place in range(period, len(words)):
            run = run + 1 if words[place] == words[place - period] else 0
            if run >= period * (_TIMES - 1):
                return " ".join(words[place + 1 - period : place + 1])
    said = Counter(sentence.casefold() for sentence in sentences(text))
    for sentence, times in said.most_common(1):
        if times >= _SENTENCES and len(sentence.split()) >= _LEAST_WORDS_OF_A_SENTENCE:
            return sentence
    return ""
