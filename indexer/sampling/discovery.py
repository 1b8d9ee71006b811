"""Which of many tests to believe: control of the false discovery rate."""

from __future__ import annotations

import numpy as np

from indexer.sampling.neighbours import Floats, Mask


def discoveries(p: Floats, rate: float) -> Mask:
    """True where a test is significant; among those, at most `rate` are expected to be false. NaN is no test.

    Benjamini and Hochberg, Journal of the Royal Statistical Society B 57(1), 1995.
    """
    tested = p[~np.isnan(p)]
    if not tested.size:
        return np.zeros(p.shape, np.bool_)
    in_order = np.sort(tested)
    passes = np.flatnonzero(in_order <= rate * np.arange(1, tested.size + 1) / tested.size)
    if not passes.size:
        return np.zeros(p.shape, np.bool_)
    with np.errstate(invalid="ignore"):
        found: Mask = p <= in_order[passes[-1]]
    return found
