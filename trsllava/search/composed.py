"""Queries of a picture and a text together: their sides, and what each of them asks of the collection.

Source: Psomas et al., "Composed Image Retrieval for Remote Sensing" (WEICOM), IGARSS 2024, section 3.3.
A side's similarities to the whole collection are standardised and put through the normal distribution function, and
`(1 - weight) by_image + weight by_text` is the score (`fusion.normal_cdf`). What the text does not want is a part of
its own: the text's weight is shared evenly between what it wants and what it does not.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from trsllava.records import FusionName, Part, Picture, Query, RichText, SideBranch
from trsllava.search.branches import BranchQuery, Encoders, image_encoder
from trsllava.search.edits import read_instructions, rewrite, split_negation
from trsllava.search.fusion import moments
from trsllava.store.protocol import FloatArray

FUSION: Final[FusionName] = "cdf"
"""WEICOM's. Others serve a query that names them."""
CAPTIONS: Final[tuple[SideBranch, SideBranch]] = ("dense", "dense")
PICTURES: Final[tuple[SideBranch, SideBranch]] = ("image", "image")
WEIGHT: Final = 0.1
"""Weights and pairs were chosen on validation and on drawn scenes (docs/measurements/composed.md)."""
CAPTIONS_WEIGHT: Final = 0.35
"""Where both sides are compared with captions."""
EXCLUSION_WEIGHT: Final = 0.05
"""Of a text that only says what is not wanted: with more, other scenes without the thing come up."""
EDIT_WEIGHT: Final = 1.0
"""A rewritten caption tells of the picture already."""


def composed_queries(query: Query, encoders: Encoders) -> dict[Part, BranchQuery]:
    """What a composed query asks, part by part; parts without weight are left out.

    Raises InputError for a side that the collection has no vectors for.
    """
    of_image, of_text = composed_pair(query, encoders)
    picture, caption = query.image, query.caption
    assert picture is not None
    if caption is None and query.edit:
        caption = encoders.describe(picture)
    queries = text_queries(query.text, of_text, encoders, caption if query.edit else None)
    parts = weighed_parts(queries, text_weight(query, (of_image, of_text), queries))
    if "by_image" in parts:
        if caption is None and of_image == "dense":
            caption = encoders.describe(picture)
        queries["by_image"] = BranchQuery(of_image, picture_vector(of_image, picture, caption, encoders))
    return {part: queries[part] for part in parts}


def weighed_parts(of_text: Collection[Part], weight: float) -> list[Part]:
    """The parts of a composed query that have a weight, given those of its text; the picture's has one always where
    nothing else says what is wanted, for then it must propose."""
    parts: list[Part] = list(of_text) if weight > 0 else []
    return parts if weight == 1 and "by_text" in parts else [*parts, "by_image"]


def picture_vector(branch: SideBranch, picture: Picture, caption: RichText | None, encoders: Encoders) -> FloatArray:
    """The picture's side as a vector `(d,)` float32, L2-normalised: of the picture, or of its caption's variants."""
    if branch == "image":
        return unit_mean(image_encoder(encoders).encode_images([picture]))
    assert caption is not None
    return unit_mean(encoders.text.encode(caption.texts()))


def text_queries(
    text: str, branch: SideBranch, encoders: Encoders, edited: RichText | None = None
) -> dict[Part, BranchQuery]:
    """What a text asks: for what it wants, and against what it does not want.

    `edited`: the picture's caption where the text is an instruction; rewritten by it, the caption is what is wanted.
    """
    wanted, unwanted = split_negation(text)
    wishes = [wanted] if edited is None else _rewritten(edited, text)
    encode = encoders.text.encode if branch == "dense" else image_encoder(encoders).encode_texts
    queries: dict[Part, BranchQuery] = {}
    if any(wishes):
        queries["by_text"] = BranchQuery(branch, unit_mean(encode([wish for wish in wishes if wish])))
    if unwanted:
        queries["without"] = BranchQuery(branch, unit_mean(encode([", ".join(unwanted)])), against=True)
    return queries


def held_against(scores: FloatArray, reference: FloatArray) -> FloatArray:
    """Similarities `(n,)` to what is not wanted with their sign turned.

    Those up to a standard deviation above the mean of `reference` `(m,)`, the collection's or a sample's, count alike:
    what has nothing to do with an unwanted thing is no better an answer than what merely lacks it.
    """
    if not len(reference):
        return -scores
    mean, spread = moments(reference).tolist()
    return -np.maximum(scores, np.float32(mean + spread))


def part_weights(parts: Collection[Part], weight: float) -> dict[Part, float]:
    """The weights of a composed query's parts: they add up to 1 where all of its sides are there."""
    shared = weight / max(1, sum(part != "by_image" for part in parts))
    return {part: 1 - weight if part == "by_image" else shared for part in parts}


def composed_pair(query: Query, encoders: Encoders) -> tuple[SideBranch, SideBranch]:
    """What the sides of a composed query are compared with: as it says, else `default_pair`."""
    return query.pair or default_pair(query.edit, pictured=encoders.image is not None)


def default_pair(edit: bool, pictured: bool = True) -> tuple[SideBranch, SideBranch]:
    """Pictures; captions where the picture's caption is rewritten, or the collection is not `pictured`: has no image
    vectors."""
    return PICTURES if pictured and not edit else CAPTIONS


def text_weight(query: Query, pair: tuple[SideBranch, SideBranch], parts: Collection[Part]) -> float:
    """The weight of a query's text, of which these `parts` are: as it says, else the default of its kind."""
    if query.weight is not None:
        return query.weight
    if "by_text" not in parts:
        return EXCLUSION_WEIGHT
    return default_weight(query.edit, pair)


def default_weight(edit: bool, pair: tuple[SideBranch, SideBranch]) -> float:
    """The weight of a text that says what is wanted, compared as `pair` says."""
    if edit:
        return EDIT_WEIGHT
    return CAPTIONS_WEIGHT if pair == CAPTIONS else WEIGHT


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
