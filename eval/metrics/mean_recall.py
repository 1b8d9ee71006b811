"""Mean recall."""

from __future__ import annotations

from collections.abc import Iterable


def mean_recall(t2i: Iterable[float], i2t: Iterable[float]) -> float:
    """mR: the mean of all recalls of both directions, R@1, R@5 and R@10 each in the remote-sensing literature.

    >>> mean_recall([6.0, 20.0, 34.0], [10.0, 26.0, 39.0])
    22.5

    Source: Yuan et al., "Exploring a Fine-Grained Multiscale Method for Cross-Modal Remote Sensing Image Retrieval"
    (AMFMN, RSITMD), IEEE TGRS 2022.
    """
    recalls = [*t2i, *i2t]
    return sum(recalls) / len(recalls)
