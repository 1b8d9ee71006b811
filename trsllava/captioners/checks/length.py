"""Texts that say too little, or that were written until the room was full."""

from __future__ import annotations

import re

from trsllava.captioners.answer import Bounds, RsrtVariant
from trsllava.captioners.checks.sentences import sentences
from trsllava.records import RichText

_LEAST_WORDS = 3
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
"""Thai, Lao, Tibetan, Burmese, Khmer, Japanese and Chinese."""
_ENDS = (".", "!", "?", "。", "！", "？", "।", "។")


def within(variant: RsrtVariant, bounds: Bounds) -> RsrtVariant:
    """A variant without what goes past its bounds: the paragraph's last sentences, features that are too long or too
    many. A grammar closes a text at its bound in mid-word: such an ending goes too."""
    return RsrtVariant(
        one_sentence=variant.one_sentence,
        feature=[feature for feature in variant.feature if len(feature) <= bounds.feature][: bounds.features],
        caption=_whole_sentences(variant.caption, bounds.caption),
    )


def labels_within(labels: list[str], bounds: Bounds) -> list[str]:
    """The labels without those that are too long or too many."""
    return [label for label in labels if len(label) <= bounds.label][: bounds.labels]


def fault(text: RichText, bounds: Bounds | None) -> str:
    """Names the first text that is too short to tell anything, or longer than its bound (None: no bound)."""
    for number, variant in enumerate(text.variants, start=1):
        for field, words in (("one_sentence", variant.one_sentence), ("caption", variant.caption)):
            count = _count_words(words)
            if words and count < _LEAST_WORDS:
                return f"variant {number}, {field}: only {count} word{'s' * (count != 1)} ({words!r})"
        if bounds and _cut_off(variant.one_sentence, bounds.one_sentence):
            return f"variant {number}, one_sentence: does not end within {bounds.one_sentence} characters"
        if bounds and _cut_off(variant.caption, bounds.caption):
            return f"variant {number}, caption: no sentence ends within {bounds.caption} characters"
    return ""


def _count_words(text: str) -> int:
    """Words between spaces; in scripts that set none between words, two letters count as one."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_UNSPACED.sub("", text).split()) + (unspaced + 1) // 2


def _cut_off(words: str, longest: int) -> bool:
    return len(words) > longest or (len(words) == longest and not words.endswith(_ENDS))


def _whole_sentences(words: str, longest: int) -> str:
    if not _cut_off(words, longest):
        return words
    kept = sentences(words[:longest])
    if kept and not kept[-1].endswith(_ENDS):
        kept.pop()
    return " ".join(kept) or words
