"""Which scores of a ranking are tied."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trsllava.search.fusion import TIE


def tie_starts(falling: NDArray[np.float64]) -> NDArray[np.intp]:
    """`(g,)` where each group of tied scores begins: a group is all that scores within `TIE` of its best.

    Args:
        falling: `(n,)` scores, best first.

    >>> tie_starts(np.array([0.9, 0.9 - 1e-7, 0.5])).tolist()
    [0, 2]
    """
    rising = -falling
    bounds = np.flatnonzero(rising[1:] > rising[:-1] + TIE) + 1  # a step this wide ends a group, whatever its best is
    firsts, ends = np.append(0, bounds), np.append(bounds, len(rising))
    starts = [firsts]
    for run in np.flatnonzero(rising[ends - 1] > rising[firsts] + TIE):  # small steps, too long for one group
        begin, end = int(firsts[run]), int(ends[run])
        while (begin := begin + int(np.searchsorted(rising[begin:end], rising[begin] + TIE, side="right"))) < end:
            starts.append(np.array([begin]))
    return np.sort(np.concatenate(starts))
