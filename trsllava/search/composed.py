"""Queries of a picture and a text together: their sides, and what each of them asks of the collection.

Source: Psomas et al., "Composed Image Retrieval for Remote Sensing" (WEICOM), IGARSS 2024, section 3.3.
A side's similarities to the whole collection are standardised and put through the normal distribution function, and
`(1 - weight) by_image + weight by_text` is the score (`fusion.normal_cdf`). What the text does not want is a part of its
own: the text's weight is shared evenly between what it wants and what it does not.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from trsllava.records import FusionName, Part, Picture, Query, RichText, SideBranch
from trsllava.search.branches import Ask, Encoders, image_encoder
from trsllava.search.edits import read_instructions, rewrite, split_negation
from trsllava.store.protocol import FloatArray

FUSION: Final[FusionName] = "cdf"
"""WEICOM's. Others serve a query that names them."""
PAIR: Final[tuple[SideBranch, SideBranch]] = ("dense", "dense")
"""Chosen on validation (docs/composed.md), like the weight."""
WEIGHT: Final = 0.15
EDIT_WEIGHT: Final = 1.0
"""A rewritten caption tells of the picture already."""


def composed_asks(query: Query, encoders: Encoders) -> dict[Part, Ask]:
    """What a composed query asks, side by side; a side without weight is left out, unless nothing else wants anything.

    Raises InputError for a side that the collection has no vectors for.
    """
    of_image, of_text = query.pair or PAIR
    weight = text_weight(query)
    picture, caption = query.image, query.caption
    assert picture is not None
    if caption is None and (query.edit or of_image == "dense"):
        caption = encoders.describe(picture)
    asks = text_asks(query.text, of_text, encoders, caption if query.edit else None) if weight > 0 else {}
    if weight < 1 or "by_text" not in asks:
        asks["by_image"] = Ask(of_image, picture_vector(of_image, picture, caption, encoders))
    return asks


def picture_vector(branch: SideBranch, picture: Picture, caption: RichText | None, encoders: Encoders) -> FloatArray:
    """What the picture's side is compared by, `(d,)` float32, L2-normalised: the picture, or its caption's variants."""
    if branch == "image":
        return unit_mean(image_encoder(encoders).encode_images([picture]))
    assert caption is not None
    return unit_mean(encoders.text.encode(caption.texts()))


def text_asks(text: str, branch: SideBranch, encoders: Encoders, edited: RichText | None = None) -> dict[Part, Ask]:
    """What a text asks: for what it wants, and against what it does not want.

    `edited`: the picture's caption where the text is an instruction; rewritten by it, the caption is what is wanted.
    """
    wanted, unwanted = split_negation(text)
    wishes = [wanted] if edited is None else _rewritten(edited, text)
    encode = encoders.text.encode if branch == "dense" else image_encoder(encoders).encode_texts
    asks: dict[Part, Ask] = {}
    if any(wishes):
        asks["by_text"] = Ask(branch, unit_mean(encode([wish for wish in wishes if wish])))
    if unwanted:
        asks["without"] = Ask(branch, unit_mean(encode([", ".join(unwanted)])), against=True)
    return asks


def composed_weights(query: Query, parts: Collection[Part]) -> dict[Part, float]:
    """The weights of a composed query's parts: they add up to 1 where all of its sides are there."""
    of_text = text_weight(query)
    shared = of_text / max(1, sum(part != "by_image" for part in parts))
    return {part: 1 - of_text if part == "by_image" else shared for part in parts}


def text_weight(query: Query) -> float:
    """The weight of the text that was asked for, else the default."""
    if query.weight is not None:
        return query.weight
    return EDIT_WEIGHT if query.edit else WEIGHT


def unit_mean(rows: FloatArray) -> FloatArray:
    """The mean of `(n, d)` vectors, L2-normalised: `(d,)` float32."""
    mean = rows.mean(axis=0, dtype=np.float64)
    unit: FloatArray = (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)
    return unit


def _rewritten(caption: RichText, text: str) -> list[str]:
    """Sentences alone, where there are any: lists and paragraphs dilute what is added."""
    edits = read_instructions(text)
    texts = dict.fromkeys(variant.one_sentence or variant.text() for variant in caption.variants)
    return [rewrite(said, edits) for said in texts]
