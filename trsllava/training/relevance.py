"""Learn what chance a hit has to be right, from captions of pictures, scenes drawn by program, and nonsense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.datasets.captioned import read_captioned
from eval.judged import JudgedQueries, judge_captions, judge_drawn, judged_pairs, name_vectors
from indexer.progress import Progress
from trsllava.captioners.nano.captioner import NanoCaptioner
from trsllava.encoders import shipped
from trsllava.encoders.nano import NanoEncoder
from trsllava.encoders.protocol import FloatArray
from trsllava.search.relevance import SIDES, Relevance, RelevanceSide, quadratic
from trsllava.training.nonsense import NONSENSE

_DECAY = 1e-4
_STEPS = 50
_OTHERS = 10
"""Pictures beside the hits of each query: without them, all that lies far from a query would be its own picture."""


def learn_relevance(images: Path, captions: Path, nano: Path | None, progress: Progress) -> Relevance:
    """From the split `val` of a caption file, drawn scenes and nonsense, as the nano of a folder (None: the shipped)
    sees them. Raises CaptionFileError, InputError, EncoderError."""
    folder = nano or shipped.present(shipped.NANO)
    encoder = NanoEncoder("nano", folder)
    captioner = NanoCaptioner(encoder, folder)
    asked = judge_captions(encoder, captioner, images, read_captioned(captions, "val"), NONSENSE, progress)
    return fit_relevance(name_vectors(encoder), [*asked, judge_drawn(encoder, captioner, progress)])


def fit_relevance(names: Mapping[RelevanceSide, FloatArray], asked: Sequence[JudgedQueries]) -> Relevance:
    """Regressions for captions, for pictures, and for both, on queries' best hits, own pictures and others.

    A hit is right where it shows the kind of place that the query asks for. `names`: see `Relevance.names`.
    """
    reader = Relevance(names, {})
    found = [judged_pairs(reader, queries, others=_OTHERS) for queries in asked]
    right = np.concatenate([pairs.right for pairs in found])
    weights = np.concatenate([pairs.weights for pairs in found])
    coefficients: dict[tuple[RelevanceSide, ...], NDArray[np.float64]] = {}
    for sides in (("dense",), ("image",), SIDES):
        columns = [np.concatenate([pairs.features[side] for side in sides], axis=1) for pairs in found]
        coefficients[sides] = logistic_regression(quadratic(np.concatenate(columns)), right, weights)
    return Relevance(names, coefficients)


def logistic_regression(
    features: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Offset and slopes, `(1 + f,)`, by Newton's method, with a small decay of the standardised slopes."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    inputs = np.column_stack([np.ones(len(features)), (features - mean) / spread])
    decay = np.diag([0.0, *np.full(features.shape[1], _DECAY * weights.sum())])
    found = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        chances = 0.5 * (1 + np.tanh(0.5 * inputs @ found))
        slope = inputs.T @ (weights * (chances - right)) + decay @ found
        bend = (inputs * (weights * np.maximum(chances * (1 - chances), 1e-6))[:, None]).T @ inputs + decay
        step = np.linalg.solve(bend + 1e-9 * np.eye(len(bend)), slope)
        found = found - step
        if np.abs(step).max() < 1e-8:
            break
    slopes = found[1:] / spread
    return np.append(found[0] - mean @ slopes, slopes)
