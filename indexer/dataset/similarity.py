"""How like each other the texts of a data set are (LuojiaHOG, section 3.2 and Fig. 7): the mean of BLEU and METEOR
over pairs of texts that were drawn from clusters of their vectors. Sets of like texts serve retrieval badly."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trsllava.errors import InputError
from trsllava.records import FloatArray

Scores = NDArray[np.float64]

_WORD = re.compile(r"\w+(?:[-']\w+)*|[^\w\s]")
_CLUSTERS = 8
_DRAWN = 64
_SIDE = 8
"""Pixels of a pair on the picture."""
_NONE, _FULL = np.array([247.0, 251.0, 255.0]), np.array([8.0, 48.0, 107.0])
"""Colours of texts that share nothing, and of equal ones."""


@dataclass(frozen=True)
class Similarity:
    """Texts that were drawn, and how like each other they are."""

    names: tuple[str, ...]
    """In the order of their clusters."""
    scores: Scores
    """`(n, n)`, 0 to 1: the text of a row as hypothesis, that of a column as reference."""
    bleu: float
    meteor: float

    @property
    def mean(self) -> float:
        """Over pairs of different texts: what the picture's brightness stands for. NaN for fewer than two."""
        return _mean_of_pairs(self.scores)


def similarity(texts: Mapping[str, str], vectors: FloatArray, *, seed: int, drawn: int = _DRAWN) -> Similarity:
    """Of texts by name with vectors `(n, d)` in the same order. Raises InputError where the extra is missing."""
    names = list(texts)
    chosen = drawn_from_clusters(vectors, drawn, seed)
    words = [words_of(texts[names[place]]) for place in chosen]
    bleu, meteor = _pairs(words)
    return Similarity(
        tuple(names[place] for place in chosen), (bleu + meteor) / 2, _mean_of_pairs(bleu), _mean_of_pairs(meteor)
    )


def drawn_from_clusters(vectors: FloatArray, count: int, seed: int) -> list[int]:
    """At most `count` places: as many of each cluster (k-means) as of the next as far as it has them, cluster by
    cluster."""
    if len(vectors) <= _CLUSTERS:
        return list(range(len(vectors)))
    of = _clusters(np.asarray(vectors, np.float64), seed)
    rng = np.random.default_rng(seed)
    groups = [rng.permutation(np.flatnonzero(of == cluster)).tolist() for cluster in np.unique(of)]
    taken: list[list[int]] = [[] for _ in groups]
    left = min(count, len(vectors))
    while left:
        for group, places in zip(groups, taken, strict=True):
            if group and left:
                places.append(group.pop())
                left -= 1
    return [place for places in taken for place in sorted(places)]


def _clusters(vectors: Scores, seed: int) -> NDArray[np.int64]:
    from scipy.cluster.vq import kmeans2

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a cluster that runs empty is no fault: fewer are drawn from
        _, of = kmeans2(vectors, _CLUSTERS, seed=seed, minit="points")
    return np.asarray(of, np.int64)


def words_of(text: str) -> list[str]:
    """Words and marks in lower case."""
    return _WORD.findall(text.casefold())


def _pairs(words: Sequence[Sequence[str]]) -> tuple[Scores, Scores]:
    """BLEU with up to four words in a row, smoothed by epsilon counts (Chen and Cherry, WMT 2014, method 1), and
    METEOR (Banerjee and Lavie, 2005) by equal words and stems: WordNet, where it has synonyms from, is a download."""
    try:
        from nltk.stem.porter import PorterStemmer
        from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
        from nltk.translate.meteor_score import single_meteor_score
    except ImportError as error:
        raise InputError(
            "How like each other texts are is told by an extra: `pip install 'trsllava[dataset]'`."
        ) from error
    smooth, stems, synonyms = SmoothingFunction().method1, _Stems(PorterStemmer().stem), _NoSynonyms()
    bleu, meteor = np.ones((len(words), len(words))), np.ones((len(words), len(words)))
    for row, said in enumerate(words):
        for column, reference in enumerate(words):
            if row != column:
                bleu[row, column] = sentence_bleu([reference], said, smoothing_function=smooth)
                meteor[row, column] = single_meteor_score(reference, said, stemmer=stems, wordnet=synonyms)
    return bleu, meteor


class _Stems:
    """A stemmer that works out each word once."""

    def __init__(self, stem: Callable[[str], str]) -> None:
        self.stem = cache(stem)


class _NoSynonyms:
    """Stands where nltk looks words up in WordNet."""

    def synsets(self, _: str) -> Sequence[Any]:
        return ()


def _mean_of_pairs(scores: Scores) -> float:
    others = ~np.eye(len(scores), dtype=bool)
    return float(scores[others].mean()) if others.any() else float("nan")


def similarity_picture(found: Similarity) -> bytes:
    """Fig. 7 as PNG: a square a pair, the darker, the more alike; the diagonal is each text with itself."""
    from PIL import Image

    shares = np.clip(found.scores, 0, 1)[:, :, None]
    pixels = np.rint(_NONE + shares * (_FULL - _NONE)).astype(np.uint8)
    picture = Image.fromarray(np.ascontiguousarray(pixels.repeat(_SIDE, axis=0).repeat(_SIDE, axis=1)))
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()
