"""Hits@K of a dialogue, cumulative over its rounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def cumulative_hits(better: NDArray[np.intp], tied: NDArray[np.intp], ks: Sequence[int]) -> dict[int, list[float]]:
    """Share of dialogues, 0 to 1, whose target was within the first K in this round or an earlier one.

    A target counts from the first round that shows it among the first K, whatever later rounds do to it: the user has
    seen it. So the figures of a dialogue never fall.

    Ties count in expectation: with g images better and t others tied, a round alone shows the target with probability
    p = clip((K - g) / (t + 1), 0, 1). Luck is drawn once for a dialogue and not anew in every round, so that rounds
    which change nothing gain nothing: the chance of a hit so far is the largest p so far.

    The target is third, then first of two that tie, then fifth:

    >>> hits = cumulative_hits(np.array([[2], [0], [4]]), np.array([[0], [1], [0]]), ks=[1, 3])
    >>> hits[1], hits[3]
    ([0.0, 0.5, 0.5], [1.0, 1.0, 1.0])

    Args:
        better: `(rounds, q)` images strictly better than each dialogue's target; round 0 is the first query alone.
        tied: `(rounds, q)` other images tied with it (`t2i.ahead_t2i` counts both).
        ks: the values of K.

    Returns:
        For each K the figure after each round.

    Source: Levy et al., "Chatting Makes Perfect: Chat-based Image Retrieval" (ChatIR), NeurIPS 2023.
    """
    return {
        k: np.maximum.accumulate(np.clip((k - better) / (tied + 1), 0, 1), axis=0).mean(axis=1).tolist() for k in ks
    }
