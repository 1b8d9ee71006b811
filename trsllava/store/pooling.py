"""One vector for all captions of a tile."""

from __future__ import annotations

import numpy as np

from trsllava.store.protocol import FloatArray

FEW_TILES = 4000
"""Up to this number, all captions are scored: as fast as proposing candidates, and exact."""


def pool(captions: FloatArray) -> FloatArray:
    """The direction of the mean: `(v, d)` rows to `(d,)`, L2-normalised; the first row where the rows cancel out."""
    mean = captions.mean(axis=0)
    norm = float(np.linalg.norm(mean))
    if norm < 1e-6:
        return np.asarray(captions[0], np.float32)
    return np.asarray(mean / norm, np.float32)


def candidates(limit: int) -> int:
    """How many tiles the pooled vectors must propose so that the best `limit` by caption are among them.

    Chosen by measurement: docs/store-layout.md.
    """
    return max(5 * limit, 1000)
