"""The order of answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trsllava.store.protocol import Scored


def ranked(ids: Sequence[str], scores: Sequence[float]) -> Scored:
    """Best score first, equal scores by id. `ids` and `scores` belong together and may come in any order."""
    values = np.asarray(scores, np.float32)
    if np.all(values[1:] < values[:-1]):
        return Scored(list(ids), values)
    order = np.lexsort((np.asarray(ids), -values))
    return Scored([ids[place] for place in order], values[order])
