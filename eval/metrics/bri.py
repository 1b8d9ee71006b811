"""Best log rank integral: how fast a dialogue brings its target up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def bri(better: NDArray[np.intp], tied: NDArray[np.intp]) -> float:
    """BRI = mean over dialogues of 1/(2T) ln(π_0 π_T) + 1/T Σ_{0<t<T} ln π_t, with π_t the best rank up to round t.

    The area under ln π over rounds 0 to T, divided by T (trapezoids). Smaller is better: 0 where every target is first
    from the start; without K, and the step from rank 2 to 1 counts as that from 100 to 50. Natural logarithm, ranks
    from 1.

    Ties count in expectation: with g images better and t others tied, the rank is any of g+1 … g+t+1. As in
    `cumulative_hits` luck is drawn once for a dialogue: P(π_t > r) is the smallest P(rank > r) of its rounds so far.

    The target is fourth, first, then second: 1/4 ln(4 · 1) + 1/2 ln 1.

    >>> none = np.zeros((3, 1), np.intp)
    >>> round(bri(np.array([[3], [0], [1]]), none), 4)
    0.3466

    Args:
        better: `(rounds, q)` images strictly better than each dialogue's target; round 0 is the first query alone.
        tied: `(rounds, q)` other images tied with it (`t2i.ahead_t2i` counts both).

    Raises:
        ValueError: for fewer than two rounds, which span nothing.

    Source: Lee et al., "Interactive Text-to-Image Retrieval with Large Language Models: A Plug-and-Play Approach"
    (PlugIR), ACL 2024, definitions 1 and 2.
    """
    if len(better) < 2:
        raise ValueError("BRI needs a round after the first query")
    logs = _log_best(better, tied).mean(axis=1)
    return float((logs[:-1] + logs[1:]).mean() / 2)


def _log_best(better: NDArray[np.intp], tied: NDArray[np.intp]) -> NDArray[np.float64]:
    """Expected ln π_t, `(rounds, q)`."""
    surely_behind = np.minimum.accumulate(better, axis=0)
    worst = np.minimum.accumulate(better + tied + 1, axis=0)
    logs: NDArray[np.float64] = np.log(surely_behind + 1.0)
    for t, q in zip(*np.nonzero(worst > surely_behind + 1), strict=True):
        rank = np.arange(surely_behind[t, q] + 1, worst[t, q], dtype=np.float64)
        reached = (rank[:, None] - better[: t + 1, q]) / (tied[: t + 1, q] + 1)
        logs[t, q] += (1 - np.clip(reached, 0, 1).max(axis=1)) @ np.log1p(1 / rank)
    return logs
