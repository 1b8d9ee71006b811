"""Whether a difference is more than chance: two rankings of the same task, image by image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.i2t import chances_i2t
from eval.metrics.recall import Owner, ScoreMatrix
from eval.metrics.t2i import chances_t2i
from eval.report import KS

BOOTSTRAP_DRAWS = 2000
SWAP_DRAWS = 10_000
_CHUNK = 1000
_ROUNDING = 1e-9
"""Differences that are equal but for the order of a sum count as equal."""


@dataclass(frozen=True)
class Gain:
    """Difference of two figures, percent, with a confidence interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Hits:
    """What became of the queries of one direction; each row is a measure whose figure is the mean over all queries."""

    values: NDArray[np.float64]
    """`(m, q)`, 0…1: chances of a hit at each K."""
    unit: Owner
    """`(q,)` the image that each query belongs to."""


def hits(by_text: ScoreMatrix, by_image: ScoreMatrix, owner: Owner) -> dict[str, Hits]:
    """As `eval.report.measure`, but query by query: `{"t2i": …, "i2t": …}`, rows by `eval.report.KS`."""
    asking = np.unique(owner)
    return {
        "t2i": Hits(chances_t2i(by_text, owner, KS), owner),
        "i2t": Hits(chances_i2t(by_image, owner, KS), asking),
    }


def bootstrap_gain(
    before: Mapping[str, Hits],
    after: Mapping[str, Hits],
    *,
    draws: int = BOOTSTRAP_DRAWS,
    level: float = 0.95,
    seed: int = 0,
) -> Gain:
    """The gain in the mean of all figures (mR) and its percentile interval; see `bootstrap_gains`."""
    return bootstrap_gains(before, after, draws=draws, level=level, seed=seed)[-1]


def bootstrap_gains(
    before: Mapping[str, Hits],
    after: Mapping[str, Hits],
    *,
    draws: int = BOOTSTRAP_DRAWS,
    level: float = 0.95,
    seed: int = 0,
) -> list[Gain]:
    """The gain in every figure, row by row and direction by direction, and last in their mean, with percentile
    intervals over `draws` samples of images, drawn with all of their queries.

    Queries of one image stand or fall together, so images are drawn and not queries. Source: Efron & Tibshirani, "An
    Introduction to the Bootstrap", 1993, chapter 13.
    """
    effects = _effects(before, after)
    n = effects[0].asked.size
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), draws)  # (draws, n) times each image
    gains = _with_mean([drawn @ effect.sums.T / (drawn @ effect.asked)[:, None] for effect in effects])
    low, high = np.quantile(gains, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return [Gain(*map(float, row)) for row in zip(_whole(effects), low, high, strict=True)]


def randomisation_p(
    before: Mapping[str, Hits], after: Mapping[str, Hits], *, draws: int = SWAP_DRAWS, seed: int = 0
) -> list[float]:
    """The chance of a difference at least as large, either way, if the two rankings were alike: of every figure, and
    last of their mean.

    If they were alike, it would not matter which of the two an image's outcomes are called after. So for each image by
    itself, with all of its queries in both directions, the two are swapped or not, `draws` times; p = (1 + times that
    the difference was as large as the real one) / (1 + draws), which counts the real assignment as one of them.

    Source: Noreen, "Computer-Intensive Methods for Testing Hypotheses", 1989; for retrieval Smucker, Allan &
    Carterette, CIKM 2007; the +1 after Phipson & Smyth, "Permutation p-values should never be zero", 2010.
    """
    effects = _effects(before, after)
    real = np.abs(_whole(effects)) - _ROUNDING
    random, n = np.random.default_rng(seed), effects[0].asked.size
    larger = np.zeros(len(real), np.intp)
    for start in range(0, draws, _CHUNK):
        signs = random.integers(0, 2, (min(_CHUNK, draws - start), n)) * 2.0 - 1
        swapped = _with_mean([signs @ effect.sums.T / effect.asked.sum() for effect in effects])
        larger += (np.abs(swapped) >= real).sum(axis=0)
    return [float(count) for count in (1 + larger) / (1 + draws)]


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values of several tests adjusted so that the chance of any false alarm among them keeps to the level.

    The i-th smallest of m (from 0) is multiplied by m − i, and none becomes smaller than one before it. Source: Holm,
    "A Simple Sequentially Rejective Multiple Test Procedure", Scand. J. Statist. 1979.
    """
    order = np.argsort(p_values, kind="stable")
    stepped = np.asarray(p_values)[order] * (len(p_values) - np.arange(len(p_values)))
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(stepped))
    return [float(value) for value in adjusted]


@dataclass(frozen=True)
class _Effect:
    """Of one direction, how much each image's queries gained."""

    sums: NDArray[np.float64]
    """`(m, n)`."""
    asked: NDArray[np.intp]
    """`(n,)` queries of each image."""


def _effects(before: Mapping[str, Hits], after: Mapping[str, Hits]) -> list[_Effect]:
    n = 1 + max(int(side.unit.max()) for side in after.values())
    return [
        _Effect(
            np.stack([np.bincount(side.unit, row, n) for row in side.values - before[way].values]),
            np.bincount(side.unit, minlength=n),
        )
        for way, side in after.items()
    ]


def _whole(effects: Sequence[_Effect]) -> NDArray[np.float64]:
    """Percent; every figure, and last their mean."""
    whole: NDArray[np.float64] = _with_mean(
        [(effect.sums.sum(axis=1) / effect.asked.sum())[None] for effect in effects]
    )[0]
    return whole


def _with_mean(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Gains `(draws, m)` of each direction side by side, and last the mean of all of them; percent."""
    figures = 100 * np.concatenate(parts, axis=1)
    return np.concatenate([figures, figures.mean(axis=1, keepdims=True)], axis=1)
