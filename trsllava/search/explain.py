"""Why a tile was found: the variant, the field and the words of it that lie nearest to the query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from rapidfuzz import fuzz

from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.records import CaptionField, Match, RichCaption, RichText

_TELLING_WORDS = 3
_SHORTLIST = 4
"""Passages a tile that are compared by meaning, after a choice by words: encoding is what an explanation costs."""
_BY_MEANING = 20
"""Hits after these are explained by words alone."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

Passage = tuple[CaptionField, str]


def explain(
    query: str, vector: FloatArray, texts: Sequence[RichText], vectors: Sequence[FloatArray], encoder: TextEncoder
) -> list[Match]:
    """For each text, best hit first, the variant with the highest cosine and in it the passage nearest to the query.

    Args:
        query: what was asked.
        vector: its `(d,)` float32 vector, L2-normalised.
        texts: n rich texts.
        vectors: for each of them the `(v, d)` float32 vectors of its distinct variant texts.
        encoder: of the space that the vectors are in.
    """
    variants = [_variant(text, int(np.argmax(rows @ vector))) for text, rows in zip(texts, vectors, strict=True)]
    shortlists = [
        _shortlist(query, _passages(variant), _SHORTLIST if position < _BY_MEANING else 1)
        for position, variant in enumerate(variants)
    ]
    scores = _scores(vector, [text for found in shortlists for _, text in found if len(found) > 1], encoder)
    matches = []
    for text, variant, found in zip(texts, variants, shortlists, strict=True):
        field, passage = max(found, key=lambda item: scores.get(item[1], 0.0))
        matches.append(Match(variant=text.variants.index(variant), field=field, text=passage))
    return matches


def introduce(text: RichText) -> Match:
    """The beginning of a text: what there is to read where no words were asked for."""
    field, passage = _passages(text.variants[0])[0]
    return Match(variant=0, field=field, text=passage)


def _shortlist(query: str, passages: list[Passage], size: int) -> list[Passage]:
    """The passages that share most words with the query, however they are spelt; the earlier first among equals."""
    if len(passages) <= size:
        return passages
    return sorted(passages, key=lambda item: -fuzz.token_set_ratio(query.lower(), item[1].lower()))[:size]


def _variant(text: RichText, number: int) -> RichCaption:
    """The first variant whose text is the n-th distinct one."""
    wanted = text.texts()[number]
    return next(variant for variant in text.variants if variant.text() == wanted)


def _passages(variant: RichCaption) -> list[Passage]:
    """A variant in pieces that can be shown: its sentence, each feature, each sentence of its paragraph.

    Pieces of one or two words ("a harbor") repeat the query rather than explain; they serve where there is no other.
    """
    found: list[Passage] = []
    if variant.one_sentence:
        found.append(("one_sentence", variant.one_sentence))
    found += [("feature", feature) for feature in variant.feature]
    found += [("caption", sentence) for sentence in _SENTENCE_END.split(variant.caption) if sentence]
    return [item for item in found if len(item[1].split()) >= _TELLING_WORDS] or found


def _scores(query: FloatArray, passages: Sequence[str], encoder: TextEncoder) -> Mapping[str, float]:
    if not passages:
        return {}
    return dict(zip(passages, (encoder.encode(passages) @ query).tolist(), strict=True))
