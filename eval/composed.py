"""Composed image + text retrieval, measured: each query's picture and text rank the archive together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from eval.datasets.composed import ComposedQuery, ComposedSet
from eval.known_images import KnownImages
from eval.metrics.average_precision import average_precision, by_attribute, mean_over_attributes
from eval.trained_on import NOT_STATED, documents_trained_on, image_encoder_trained_on, text_encoder_trained_on
from indexer.progress import Progress, no_progress
from trsllava.errors import InputError
from trsllava.records import FusionName, Part, RichText, SideBranch
from trsllava.search.branches import BranchQuery, Encoders, check_weight
from trsllava.search.composed import (
    FUSION,
    PICTURES,
    held_against,
    part_weights,
    text_queries,
    unit_mean,
    weighed_parts,
)
from trsllava.search.fusion import FUSIONS, TIE, Fusion
from trsllava.search.ranking import fused_terms
from trsllava.store.protocol import FloatArray

SWEEP = tuple(round(0.05 * step, 2) for step in range(21))
"""Weights of the text that a sweep tries."""


@dataclass(frozen=True)
class Composition:
    """How a picture and a text are put together."""

    pair: tuple[SideBranch, SideBranch] = PICTURES
    edit: bool = False
    fusion: FusionName = FUSION


class QueryFigure(BaseModel):
    """One query's average precision, percent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str
    text: str
    group: str
    positives: int
    ap: float


class ComposedReport(BaseModel):
    """One measurement, all figures in percent, and how it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mAP: float  # noqa: N815 - as the literature writes it
    """Mean over an attribute's values, then over attributes."""
    attributes: dict[str, float]
    groups: dict[str, float]
    mAP_over_queries: float  # noqa: N815
    """Mean over an attribute's queries, then over attributes: what PatternCom's program prints."""
    weight: float
    """Of the text; after a sweep the best."""
    weight_chosen_on_these_queries: bool
    """True after a sweep: the figures then flatter what another set of queries would give."""
    sweep: dict[str, float] | None
    """mAP by weight, where weights were swept."""
    pair: tuple[SideBranch, SideBranch]
    fusion: FusionName
    edit: bool
    encoder: str
    image_encoder: str
    documents: str
    """Who described the images; `none` where their captions count nowhere."""
    split: str
    """Of the archive; `all` where it is not split."""
    oracle: bool
    """True where a query is made with knowledge of the images that answer it, besides what it asks."""
    transductive: bool
    """True where a query's scores depend on other queries."""
    captioner_trained_on: str
    encoder_trained_on: str
    image_encoder_trained_on: str
    n_images: int
    n_queries: int
    own_image_ranks: bool
    ties: str
    queries: tuple[QueryFigure, ...]


def evaluate_composed(
    asked: ComposedSet,
    seen: KnownImages,
    encoders: Encoders,
    how: Composition,
    weights: Sequence[float],
    progress: Progress = no_progress,
    *,
    split: str = "all",
    captioner_trained_on: str = NOT_STATED,
) -> ComposedReport:
    """Measure composed queries with each weight of the text; the report is about the best, and tells the `split` of
    the archive and what the captioner was trained on.

    Raises InputError for a weight outside 0 to 1, and for images of queries that are not in the archive.
    """
    found = average_precisions(asked, seen, encoders, how, FUSIONS[how.fusion], weights, progress)
    means = [100 * mean_over_attributes(group_means(asked.queries, row)) for row in found]
    best = int(np.argmax(means))
    groups = group_means(asked.queries, 100 * found[best])
    of_attribute = group_means(asked.queries, 100 * found[best], whole_attributes=True)
    in_words = "dense" in how.pair or how.edit
    documents = ", ".join(sorted({text.model or "unnamed" for text in seen.texts or () if in_words})) or "none"
    looking = encoders.image().name if encoders.image and "image" in how.pair else "none"
    return ComposedReport(
        mAP=means[best],
        attributes=by_attribute(groups),
        groups=groups,
        mAP_over_queries=mean_over_attributes(of_attribute),
        weight=weights[best],
        weight_chosen_on_these_queries=len(weights) > 1,
        sweep={f"{weight:g}": mean for weight, mean in zip(weights, means, strict=True)} if len(weights) > 1 else None,
        pair=how.pair,
        fusion=how.fusion,
        edit=how.edit,
        encoder=encoders.text.name,
        image_encoder=looking,
        documents=documents,
        split=split,
        oracle=False,
        transductive=False,  # each query is fused by its own scores with the archive
        captioner_trained_on=documents_trained_on(captioner_trained_on, documents) if documents != "none" else "none",
        encoder_trained_on=text_encoder_trained_on(encoders.text.name),
        image_encoder_trained_on=image_encoder_trained_on(looking) if looking != "none" else "none",
        n_images=len(seen.names),
        n_queries=len(asked.queries),
        own_image_ranks=asked.own_image_ranks,
        ties=f"random in expectation within {TIE:g} (McSherry & Najork, ECIR 2008)",
        queries=tuple(
            QueryFigure(
                image=query.image,
                text=query.text,
                group=query.group,
                positives=len(query.positives),
                ap=100 * float(ap),
            )
            for query, ap in zip(asked.queries, found[best], strict=True)
        ),
    )


def average_precisions(
    asked: ComposedSet,
    seen: KnownImages,
    encoders: Encoders,
    how: Composition,
    fusion: Fusion,
    weights: Sequence[float],
    progress: Progress = no_progress,
) -> NDArray[np.float64]:
    """`(w, q)` average precision of every query, 0 to 1, with each of w weights of the text."""
    for weight in weights:
        check_weight(weight)
    place = {name: number for number, name in enumerate(seen.names)}
    found = np.zeros((len(weights), len(asked.queries)))
    everything = np.ones(len(seen.names), bool)
    for number, (query, scores) in enumerate(zip(asked.queries, part_scores(asked, seen, encoders, how), strict=True)):
        if number % 50 == 0:
            progress("rank", number, len(asked.queries))
        relevant = np.zeros(len(seen.names), bool)
        relevant[[place[name] for name in query.positives]] = True
        ranked = everything.copy()
        ranked[place[query.image]] = asked.own_image_ranks
        for row, weight in enumerate(weights):
            fused = composed_scores(scores, weight, fusion)
            found[row, number] = average_precision(fused[ranked], relevant[ranked])
    progress("rank", len(asked.queries), len(asked.queries))
    return found


def composed_scores(scores: Mapping[Part, FloatArray], weight: float, fusion: Fusion) -> FloatArray:
    """`(n,)` fused scores of one query from its parts' `(n,)` scores, as the engine fuses them."""
    parts = weighed_parts([part for part in scores if part != "by_image"], weight)
    given = part_weights(parts, weight)
    terms = fused_terms(
        np.stack([scores[part] for part in parts]), None, fusion, np.array([given[part] for part in parts], np.float32)
    )
    total: FloatArray = terms.sum(axis=0)
    return total


def part_scores(
    asked: ComposedSet, seen: KnownImages, encoders: Encoders, how: Composition
) -> Iterator[dict[Part, FloatArray]]:
    """Of every query, the `(n,)` scores of each of its parts with all images; the same text is asked once."""
    place = {name: number for number, name in enumerate(seen.names)}
    of_image, of_text = how.pair
    by_text: dict[str, dict[Part, FloatArray]] = {}
    for query in asked.queries:
        own = place[query.image]
        vectors = seen.images[own : own + 1] if of_image == "image" and seen.images is not None else None
        picture = BranchQuery(of_image, unit_mean(seen.caption_vectors(own) if vectors is None else vectors))
        if how.edit or query.text not in by_text:
            queries = text_queries(query.text, of_text, encoders, _caption(seen, query, own) if how.edit else None)
            by_text[query.text] = {part: _scores(part_query, seen) for part, part_query in queries.items()}
        yield {**by_text[query.text], "by_image": _scores(picture, seen)}


def group_means(
    queries: Sequence[ComposedQuery], values: NDArray[np.float64], *, whole_attributes: bool = False
) -> dict[str, float]:
    """The mean of each group's values, by group in order of appearance; `whole_attributes`: of each attribute's."""
    found: dict[str, list[float]] = {}
    for query, value in zip(queries, values, strict=True):
        name = query.group.split("/", 1)[0] if whole_attributes else query.group
        found.setdefault(name, []).append(float(value))
    return {name: float(np.mean(of_group)) for name, of_group in found.items()}


def _caption(seen: KnownImages, query: ComposedQuery, own: int) -> RichText:
    if seen.texts is None:
        raise InputError(f"Nothing is known of {query.image} in words, so its caption cannot be rewritten.")
    return seen.texts[own]


def _scores(part_query: BranchQuery, seen: KnownImages) -> FloatArray:
    """`(n,)` float32: cosines with pictures, or the largest with an image's captions, as they count."""
    known = seen.images if part_query.branch == "image" else seen.captions
    assert known is not None
    assert isinstance(part_query.vector, np.ndarray)
    cosines: FloatArray = known @ part_query.vector
    scores = cosines if part_query.branch == "image" else np.maximum.reduceat(cosines, seen.first_caption)
    return held_against(scores, scores) if part_query.against else scores
