"""Why a tile was found: the variant, the field and the words of it that lie nearest to the query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.records import CaptionField, Match, RichCaption, RichText

_TELLING_WORDS = 3
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def explain(
    query: FloatArray, texts: Sequence[RichText], vectors: Sequence[FloatArray], encoder: TextEncoder
) -> list[Match]:
    """For each text, the variant with the highest cosine and in it the passage nearest to the query.

    Args:
        query: `(d,)` float32, L2-normalised.
        texts: n rich texts.
        vectors: for each of them the `(v, d)` float32 vectors of its distinct variant texts.
        encoder: of the space that the vectors are in.
    """
    variants = [int(np.argmax(rows @ query)) for rows in vectors]
    passages = [_passages(_variant(text, number)) for text, number in zip(texts, variants, strict=True)]
    scores = _scores(query, [passage for found in passages for _, passage in found if len(found) > 1], encoder)
    matches = []
    for text, number, found in zip(texts, variants, passages, strict=True):
        field, passage = max(found, key=lambda item: scores.get(item[1], 0.0))
        matches.append(Match(variant=text.variants.index(_variant(text, number)), field=field, text=passage))
    return matches


def _variant(text: RichText, number: int) -> RichCaption:
    """The first variant whose text is the n-th distinct one."""
    wanted = text.texts()[number]
    return next(variant for variant in text.variants if variant.text() == wanted)


def _passages(variant: RichCaption) -> list[tuple[CaptionField, str]]:
    """A variant in pieces that can be shown: its sentence, each feature, each sentence of its paragraph.

    Pieces of one or two words ("a harbor") repeat the query rather than explain; they serve where there is no other.
    """
    found: list[tuple[CaptionField, str]] = []
    if variant.one_sentence:
        found.append(("one_sentence", variant.one_sentence))
    found += [("feature", feature) for feature in variant.feature]
    found += [("caption", sentence) for sentence in _SENTENCE_END.split(variant.caption) if sentence]
    return [item for item in found if len(item[1].split()) >= _TELLING_WORDS] or found


def _scores(query: FloatArray, passages: Sequence[str], encoder: TextEncoder) -> Mapping[str, float]:
    if not passages:
        return {}
    return dict(zip(passages, (encoder.encode(passages) @ query).tolist(), strict=True))
