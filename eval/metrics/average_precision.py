"""Average precision of one ranking."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from eval.metrics.ties import tie_starts
from trsllava.store.protocol import FloatArray


def average_precision(scores: FloatArray, relevant: NDArray[np.bool_]) -> float:
    """AP = 1/R * sum over ranks k with a relevant item of (relevant among the first k) / k, in expectation over random
    orders of tied items; 0 to 1.

    With r items, c of them relevant, above a group of m tied items of which p are relevant, the item at the i-th place
    of the group is relevant with chance p/m, and the relevant ones up to it then are c + 1 + (i - 1)(p - 1)/(m - 1) in
    the mean; the group adds the sum over i = 1…m of p/m times that over r + i.

    >>> average_precision(np.array([0.9, 0.8, 0.7, 0.6], np.float32), np.array([True, False, True, False]))
    0.8333333333333333
    >>> average_precision(np.array([0.5, 0.5], np.float32), np.array([True, False]))
    0.75

    Args:
        scores: `(n,)` float32, higher is better; a group of ties is all that scores within `TIE` of its best.
        relevant: `(n,)` bool.

    Returns:
        The expected AP; 0 where nothing is relevant, as PatternCom's program counts it.

    Source: McSherry & Najork, "Computing Information Retrieval Performance Measures Efficiently in the Presence of
    Tied Scores", ECIR 2008, section 2.3.
    """
    total = int(relevant.sum())
    if not total:
        return 0.0
    wide = scores.astype(np.float64)
    order = np.argsort(-wide, kind="stable")
    starts = tie_starts(wide[order])
    size = np.diff(starts, append=len(scores))
    hits = np.add.reduceat(relevant[order].astype(np.float64), starts)
    above, hits_above = np.cumsum(size) - size, np.cumsum(hits) - hits
    place = np.arange(len(scores)) - np.repeat(above, size)  # i - 1
    m, p = np.repeat(size, size), np.repeat(hits, size)
    found = np.repeat(hits_above, size) + 1 + place * (p - 1) / np.maximum(m - 1, 1)
    return float((p / m * found / (np.repeat(above, size) + place + 1)).sum() / total)


def mean_over_attributes(by_group: Mapping[str, float]) -> float:
    """mAP as PatternCom's table has it: the mean over an attribute's values, then over attributes.

    >>> mean_over_attributes({"color/red": 10.0, "color/blue": 30.0, "shape/oval": 40.0})
    30.0

    Args:
        by_group: the mean AP of each group of queries, named `attribute/value`; a name without `/` is an attribute of
            one value.

    Source: Psomas et al., "Composed Image Retrieval for Remote Sensing", IGARSS 2024, Table 2.
    """
    return float(np.mean(list(by_attribute(by_group).values())))


def by_attribute(by_group: Mapping[str, float]) -> dict[str, float]:
    """The mean over each attribute's values, by attribute; arguments as in `mean_over_attributes`."""
    values: dict[str, list[float]] = {}
    for group, value in by_group.items():
        values.setdefault(group.split("/", 1)[0], []).append(value)
    return {attribute: float(np.mean(found)) for attribute, found in values.items()}
