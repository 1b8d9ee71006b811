"""The order of answers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from trsllava.store.protocol import FloatArray, Scored


def ranked(ids: Sequence[str], scores: Sequence[float] | FloatArray) -> Scored:
    """Best score first, equal scores by id. `ids` and `scores` belong together and may come in any order."""
    values = np.asarray(scores, np.float32)
    if np.any(values[1:] > values[:-1]):
        order = np.argsort(-values, kind="stable")
        return ranked([ids[place] for place in order], values[order])
    starts = np.flatnonzero(np.diff(values, prepend=np.inf)).tolist()
    runs = (ids[first:last] for first, last in pairwise([*starts, len(values)]))
    return Scored([tile for run in runs for tile in (sorted(run) if len(run) > 1 else run)], values)
