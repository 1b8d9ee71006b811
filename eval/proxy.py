"""Validation proxies: choose branches, fusion, weights and calibrations by them where no machine captions exist, and
spare test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eval.datasets.captions import CaptionedImage
from eval.task import RetrievalTask, human_task
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import InputError
from trsllava.records import RichCaption, RichText

NEAREST = 5
"""Training captions that a stand-in for a captioner draws from."""
_CHUNK = 1024


def proxy_task(images: Sequence[CaptionedImage]) -> RetrievalTask:
    """An image's first caption is its document, its captions with other text are the queries.

    Images whose captions are all the same are left out: their query would be their document. Raises InputError
    where no image is left.
    """
    documents: dict[str, RichText] = {}
    asking: list[CaptionedImage] = []
    for image in images:
        first = next((caption for caption in image.captions if caption.strip()), None)
        others = tuple(caption for caption in image.captions if caption != first)
        if first is not None and others:
            documents[image.image] = RichText(variants=(RichCaption(caption=first),), model="people (first caption)")
            asking.append(image.model_copy(update={"captions": others}))
    if not asking:
        raise InputError("The proxy needs images with two different captions; this split has none.")
    return human_task(asking, documents)


def machine_task(
    images: Sequence[CaptionedImage], texts: Sequence[str], nearest: NDArray[np.intp], seed: int = 0
) -> RetrievalTask:
    """The stand-in for a captioner that was trained on the training split: it repeats that split's sentences, and
    errs as an image-text encoder errs. All human captions ask.

    Args:
        images: n of validation.
        texts: the training split's distinct captions.
        nearest: `(n, k)` places in `texts` (`nearest_captions`); an image's document is drawn from its k.
        seed: of the draw.
    """
    drawn = nearest[np.arange(len(images)), np.random.default_rng(seed).integers(nearest.shape[1], size=len(images))]
    documents = {
        image.image: RichText(variants=(RichCaption(caption=texts[place]),), model="nearest training captions")
        for image, place in zip(images, drawn, strict=True)
    }
    return human_task(images, documents)


def best_worded(images: Sequence[CaptionedImage], texts: Sequence[str], nearest: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of each image's k nearest captions the one that shares most words with what people wrote, `(n, 1)`: with
    `machine_task` the stand-in for a captioner that sees more than the encoder. Shared words are counted as Dice's
    coefficient of the sets of words, its mean over the image's captions."""
    words = {text: frozenset(text.lower().split()) for text in texts}

    def agreement(text: str, image: CaptionedImage) -> float:
        said = [frozenset(caption.lower().split()) for caption in image.captions]
        return sum(2 * len(words[text] & own) / max(1, len(words[text]) + len(own)) for own in said)

    picked = [
        max(places, key=lambda place: agreement(texts[place], image))
        for image, places in zip(images, nearest.tolist(), strict=True)
    ]
    return np.array(picked, np.intp)[:, None]


def nearest_captions(
    pictures: FloatArray, captions: FloatArray, own: Sequence[Sequence[int]] | None = None, k: int = NEAREST
) -> NDArray[np.intp]:
    """The k captions, or all, that an image-text encoder holds nearest each picture, best first: `(n, k)` places.

    Args:
        pictures: `(n, d)` float32, L2-normalised.
        captions: `(m, d)` float32, L2-normalised, of the same encoder.
        own: of each picture, the captions that people gave it: these are passed over where others are left.
    """
    k = min(k, len(captions))
    found = np.empty((len(pictures), k), np.intp)
    for start in range(0, len(pictures), _CHUNK):
        scores = pictures[start : start + _CHUNK] @ captions.T
        if own is not None:
            for row, places in enumerate(own[start : start + _CHUNK]):
                scores[row, list(places)] -= 2  # below any other cosine
        best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable")
        found[start : start + _CHUNK] = np.take_along_axis(best, order, 1)
    return found
