"""The order of hits, the same every time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trsllava.store.protocol import FloatArray

TIE = 1e-6
"""Scores that differ by no more are tied: below it lies the rounding of float32 arithmetic."""


def levels(scores: FloatArray) -> NDArray[np.int64]:
    """Scores as whole multiples of `TIE`, same shape: tied scores have one level."""
    return np.rint(scores.astype(np.float64) / TIE).astype(np.int64)


def rank(ids: Sequence[str], scores: FloatArray, k: int | None = None) -> NDArray[np.intp]:
    """Positions of the k best (None: all), best first: descending by score rounded to `TIE`, ties by id.

    Args:
        ids: n tile ids.
        scores: `(n,)` float32.
        k: how many are wanted.

    Returns:
        `(min(k, n),)` positions in `ids`.
    """
    level = levels(scores)
    wanted = len(ids) if k is None else min(k, len(ids))
    # Only what can be among the k best is sorted by id: comparing strings is the slow part.
    floor = np.partition(level, len(ids) - wanted)[len(ids) - wanted] if wanted else np.iinfo(np.int64).max
    contenders = np.flatnonzero(level >= floor)
    names = np.array([ids[position] for position in contenders.tolist()], dtype=np.str_)
    return contenders[np.lexsort((names, -level[contenders]))][:wanted]
