"""Whether a gain in mR is more than chance: two rankings of the same task, image by image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.i2t import chances_i2t
from eval.metrics.recall import Owner, ScoreMatrix
from eval.metrics.t2i import chances_t2i
from eval.report import KS


@dataclass(frozen=True)
class Gain:
    """Difference of two mR, percent, with a confidence interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Hits:
    """Chances of hits, 0…1, of every query of a task in both directions."""

    t2i: NDArray[np.float64]
    """`(k, q)`."""
    i2t: NDArray[np.float64]
    """`(k, n)`; every image owns a text."""
    owner: Owner


def hits(by_text: ScoreMatrix, by_image: ScoreMatrix, owner: Owner) -> Hits:
    """As `eval.report.measure`, but query by query."""
    return Hits(chances_t2i(by_text, owner, KS), chances_i2t(by_image, owner, KS), owner)


def bootstrap_gain(before: Hits, after: Hits, *, draws: int = 2000, level: float = 0.95, seed: int = 0) -> Gain:
    """The gain in mR and its percentile interval over `draws` samples of images, drawn with all of their texts.

    Texts of one image stand or fall together, so images are drawn and not queries. Source: Efron & Tibshirani, "An
    Introduction to the Bootstrap", 1993, chapter 13.
    """
    n = after.i2t.shape[1]
    asked = np.bincount(after.owner, minlength=n)
    of_texts = np.stack([np.bincount(after.owner, row, n) for row in (after.t2i - before.t2i)])
    of_images = after.i2t - before.i2t
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), draws)  # (draws, n) times each image
    gains = 50 * ((drawn @ of_texts.T / (drawn @ asked)[:, None]).mean(1) + (drawn @ of_images.T / n).mean(1))
    whole = 50 * ((of_texts.sum(1) / asked.sum()).mean() + of_images.mean(1).mean())
    low, high = np.quantile(gains, [(1 - level) / 2, (1 + level) / 2])
    return Gain(float(whole), float(low), float(high))
