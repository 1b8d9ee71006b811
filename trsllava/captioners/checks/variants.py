"""Variants that say the same in the same words."""

from __future__ import annotations

from itertools import combinations

from trsllava.records import RichCaption, RichText

_SAME_WORDING = 95.0
"""Two variants at least this alike, in percent of their letters with the words sorted, count as one."""


def fault(text: RichText) -> str:
    """Names the first two variants, or paragraphs of two variants, that are near-duplicates (rapidfuzz)."""
    for (first, a), (second, b) in combinations(enumerate(text.variants, start=1), 2):
        if says_the_same(a, b):
            return f"variants {first} and {second} say the same"
    return ""


def says_the_same(first: RichCaption, second: RichCaption) -> bool:
    """True where two variants, or their paragraphs, differ in little but case, order and marks."""
    if first.caption and second.caption and _alike(first.caption, second.caption):
        return True
    return _alike(first.text(), second.text())


def _alike(a: str, b: str) -> bool:
    from rapidfuzz import fuzz, utils

    score = fuzz.token_sort_ratio(a, b, processor=utils.default_process, score_cutoff=_SAME_WORDING)
    return score >= _SAME_WORDING
