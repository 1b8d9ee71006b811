"""Whether a gain in composed retrieval is more than chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eval.datasets.composed import ComposedQuery
from eval.significance import Gain


def bootstrap_map_gain(
    queries: Sequence[ComposedQuery],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    *,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Gain:
    """The gain in mAP (mean over values, then attributes), percent, and its percentile interval over `draws` samples
    of query pictures, drawn with all of their queries.

    Queries of one picture stand or fall together, so pictures are drawn. A group of which no query is drawn is left
    out of its attribute in that sample. Source: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter
    13.

    Args:
        queries: q queries.
        before: `(q,)` average precision of each, 0 to 1.
        after: `(q,)` of the other ranking.
    """
    pictures, picture = np.unique([query.image for query in queries], return_inverse=True)
    groups, group = np.unique([query.group for query in queries], return_inverse=True)
    attributes, attribute = np.unique([name.split("/", 1)[0] for name in groups], return_inverse=True)
    n = len(pictures)
    times = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), draws)
    times = np.concatenate([np.ones((1, n), times.dtype), times])[:, picture]  # first the sample itself
    in_group = np.eye(len(groups))[group]
    counts = times @ in_group
    sums = (times * (after - before)) @ in_group
    there = counts > 0
    of_group = np.where(there, sums / np.maximum(counts, 1), 0.0)
    in_attribute = np.eye(len(attributes))[attribute]
    values = there @ in_attribute
    of_attribute = (of_group @ in_attribute) / np.maximum(values, 1)
    gains = 100 * of_attribute.sum(axis=1) / (values > 0).sum(axis=1)
    low, high = np.quantile(gains[1:], [(1 - level) / 2, (1 + level) / 2])
    return Gain(float(gains[0]), float(low), float(high))
