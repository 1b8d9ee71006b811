"""Hits that are known to be right or wrong: of captioned pictures, drawn scenes, and nonsense."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.datasets.captions import CaptionedImage
from eval.pictures import load_picture
from indexer.progress import Progress, no_progress
from trsllava.captioners.nano.captioner import NanoCaptioner
from trsllava.encoders.nano import NanoEncoder
from trsllava.encoders.protocol import FloatArray
from trsllava.lexicon import lexicon
from trsllava.records import Picture
from trsllava.sample.draw import SCENES, draw
from trsllava.search.fusion import standardize
from trsllava.search.relevance import SIDES, Relevance, RelevanceSide

HITS = 10
"""Of each query, the best so many are judged."""
_CAPTIONS_BESIDE = 0.3
"""Weight of captions beside pictures, by which the best are found."""
_BATCH = 64
_DRAWN_EACH = 10
_FIRST_SEED = 100_000
_NONSENSE_WEIGHT, _DRAWN_WEIGHT = 3.0, 4.0
"""Such queries are few."""
_OTHER_WEIGHT = 0.2
"""Of pictures drawn by chance, beside hits: enough to tell what lies far, too little to make all hits doubtful."""


@dataclass(frozen=True)
class JudgedPictures:
    """n pictures and the kind of place that each shows."""

    vectors: Mapping[RelevanceSide, Sequence[FloatArray]]
    """By side, each picture's vectors `(v, d)`: of its captions, and its own."""
    kinds: Sequence[str]


@dataclass(frozen=True)
class JudgedQueries:
    """q queries of one set of pictures, and what they mean."""

    pictures: JudgedPictures
    vectors: Mapping[RelevanceSide, FloatArray]
    """By side, `(q, d)`."""
    kinds: Sequence[str]
    """What they ask for; empty where nothing answers them."""
    own: Sequence[int] | None = None
    """The picture that each was said of: always right, wherever it ranks."""
    weight: float = 1.0
    """Of each hit, where something is learnt from it."""
    own_weight: float = 3.0
    """Of each query's own picture, beside ten hits."""


@dataclass(frozen=True)
class Pairs:
    """Queries and pictures, and whether they fit."""

    features: Mapping[RelevanceSide, FloatArray]
    """By side, `(p, f)`."""
    right: NDArray[np.bool_]
    """`(p,)`."""
    weights: NDArray[np.float64]
    """`(p,)`: what each counts, where something is learnt from them."""


def name_vectors(encoder: NanoEncoder) -> dict[RelevanceSide, FloatArray]:
    """By side, vectors `(m, d)` float32 of everything that nano has a name for (`Relevance.names`)."""
    return _both(encoder, [*(word.name for word in lexicon()), *encoder.scenes])


def judge_captions(
    encoder: NanoEncoder,
    captioner: NanoCaptioner,
    folder: Path,
    images: Sequence[CaptionedImage],
    nonsense: Sequence[str],
    progress: Progress = no_progress,
) -> tuple[JudgedQueries, JudgedQueries]:
    """People's captions, and nonsense, asked of captioned pictures."""
    pictures = _seen(encoder, captioner, (load_picture(folder / image.image) for image in images),
                     [image.scene for image in images], progress)  # fmt: skip
    said = [(place, text) for place, image in enumerate(images) for text in dict.fromkeys(image.captions)]
    own = [place for place, _ in said]
    captions = JudgedQueries(
        pictures, _both(encoder, [text for _, text in said]), [images[place].scene for place in own], own
    )
    nowhere = JudgedQueries(pictures, _both(encoder, nonsense), [""] * len(nonsense), weight=_NONSENSE_WEIGHT)
    return captions, nowhere


def judge_drawn(encoder: NanoEncoder, captioner: NanoCaptioner, progress: Progress = no_progress) -> JudgedQueries:
    """Drawn scenes, asked for by the names of their kinds."""
    kinds = [kind for kind in SCENES for _ in range(_DRAWN_EACH)]
    drawn = (draw(kind, _FIRST_SEED + number % _DRAWN_EACH).picture for number, kind in enumerate(kinds))
    pictures = _seen(encoder, captioner, map(np.asarray, drawn), kinds, progress)
    asked = list(SCENES)
    return JudgedQueries(pictures, _both(encoder, [f"a {kind}" for kind in asked]), asked, weight=_DRAWN_WEIGHT)


def judged_pairs(reader: Relevance, queries: JudgedQueries, *, others: int = 0) -> Pairs:
    """The best hits of queries, then each with its own picture, then with so many others, drawn by chance: in a small
    archive, or behind filters, they are hits as well."""
    kinds = np.array(queries.pictures.kinds)
    draw_others = np.random.default_rng(0)
    by_picture = {side: _best_cosines(queries.vectors[side], queries.pictures.vectors[side]) for side in SIDES}
    parts: list[tuple[dict[RelevanceSide, FloatArray], NDArray[np.bool_], NDArray[np.float64]]] = []
    for number, kind in enumerate(queries.kinds):
        scores = np.stack([by_picture["image"][number], by_picture["dense"][number]])
        order = np.argsort(-(np.array([1, _CAPTIONS_BESIDE]) @ standardize(scores, None)))[:HITS]
        right, weights = kinds[order] == kind, np.full(len(order), queries.weight)
        if queries.own is not None:
            order = np.append(order, queries.own[number])
            right, weights = np.append(right, True), np.append(weights, queries.own_weight)
        far = draw_others.choice(np.setdiff1d(np.arange(len(kinds)), order), others, replace=False)
        order = np.concatenate([order, far])
        right = np.append(right, kinds[far] == kind)
        weights = np.append(weights, np.full(others, _OTHER_WEIGHT * queries.weight))
        features = {
            side: reader.features(
                side, queries.vectors[side][number], [queries.pictures.vectors[side][place] for place in order]
            )
            for side in SIDES
        }
        parts.append((features, right, weights))
    return Pairs(
        {side: np.concatenate([features[side] for features, _, _ in parts]) for side in SIDES},
        np.concatenate([right for _, right, _ in parts]),
        np.concatenate([weights for _, _, weights in parts]),
    )


def _both(encoder: NanoEncoder, texts: Sequence[str]) -> dict[RelevanceSide, FloatArray]:
    return {"dense": encoder.text_encoder.encode(texts), "image": encoder.encode_texts(texts)}


def _seen(
    encoder: NanoEncoder,
    captioner: NanoCaptioner,
    pictures: Iterable[Picture],
    kinds: Sequence[str],
    progress: Progress,
) -> JudgedPictures:
    vectors: list[FloatArray] = []
    texts: list[list[str]] = []
    for batch in _batches(pictures):
        seen, described = captioner.describe_seen(batch)
        vectors += [row[None] for row in seen]
        texts += [text.texts() for text in described]
        progress("look at pictures", len(vectors), len(kinds))
    rows = encoder.text_encoder.encode([text for of_picture in texts for text in of_picture])
    ends = np.cumsum([len(of_picture) for of_picture in texts])
    return JudgedPictures({"dense": np.split(rows, ends[:-1]), "image": vectors}, kinds)


def _batches(pictures: Iterable[Picture]) -> Iterator[list[Picture]]:
    waiting = iter(pictures)
    while batch := list(islice(waiting, _BATCH)):
        yield batch


def _best_cosines(queries: FloatArray, pictures: Sequence[FloatArray]) -> FloatArray:
    """`(q, n)`: of each picture its best vector's."""
    starts = np.cumsum([0, *(len(rows) for rows in pictures)])[:-1]
    best: FloatArray = np.maximum.reduceat(queries @ np.concatenate(pictures).T, starts, axis=1)
    return best
