"""Which units: interval sampling of the curve of eq. 12 of LuojiaHOG (Zhao et al., arXiv 2403.10887)."""

from __future__ import annotations

import numpy as np

from indexer.sampling.landscape import Codes
from indexer.sampling.neighbours import Floats


def interval_sample(indexes: Floats, count: int, rng: np.random.Generator) -> Codes:
    """`(count,)` places in `(n,)` uLSI values of one class's units.

    The units are put in order from the most mixed to the least, those of 0 left out, the axis is cut into `count`
    equal intervals, and a point is drawn in each: a unit may come twice where there are fewer units than samples.
    Empty where all units are 0.
    """
    order = np.argsort(-indexes, kind="stable")
    order = order[indexes[order] > 0]
    points = (np.arange(count) + rng.random(count)) * len(order) / max(1, count)
    return order[np.minimum(points.astype(np.int64), len(order) - 1)] if len(order) else np.empty(0, np.int64)
