"""Getis-Ord Gi*: eq. 6 and 7 of LuojiaHOG (Zhao et al., arXiv 2403.10887)."""

from __future__ import annotations

import numpy as np

from indexer.sampling.moran import Moments
from indexer.sampling.neighbours import Counts, Floats, Weights


def gi_star(values: Floats, weights: Weights, moments: Moments, rows: slice) -> Floats:
    """`(len(rows), w)`: standard scores, above 0 in hot spots, below in cold ones; NaN where there is no data.

    A cell belongs to its own neighbourhood, with the weight 1. 0 where the neighbourhood is the whole raster.
    """
    n = moments.count
    own = values[rows]
    total = own + weights.lag(values, rows)
    sums, squares = Counts.of(values, rows).weight_sums(weights)
    sums, squares = sums + 1, squares + 1
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(moments.variance * np.maximum(n * squares - sums**2, 0) / (n - 1))
        found: Floats = (total - moments.mean * sums) / spread
    found[~np.isfinite(found) & ~np.isnan(own)] = 0
    return found
