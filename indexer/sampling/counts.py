"""How many samples where: eq. 10 and 11 of LuojiaHOG (Zhao et al., arXiv 2403.10887)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.sampling.landscape import Codes, Landscape, index
from indexer.sampling.neighbours import Floats


@dataclass(frozen=True)
class ClassCounts:
    """A row for each class of each region, in order of region and class."""

    regions: Codes
    classes: Codes
    index: Floats
    """cLSI."""
    share: Floats
    """W of eq. 11: the class's share of the region's pixels."""
    counts: Codes
    """cN: samples to draw."""


def region_index(landscape: Landscape, of_unit: NDArray[np.integer], regions: int) -> Floats:
    """`(regions,)`: rLSI, 0 where a region has no land cover. `of_unit`: the flat regions of all units."""
    region = of_unit[landscape.units]
    pixels = np.bincount(region, landscape.pixels, regions)
    return index(np.bincount(region, landscape.edges, regions), np.maximum(pixels, 1))


def region_counts(indexes: Floats, areas: Floats, total: int) -> Codes:
    """Eq. 10: `(n,)` samples of each region, `total` together, in proportion to rLSI times area."""
    return shared_out(indexes * areas, total)


def class_counts(landscape: Landscape, of_unit: NDArray[np.integer], counts: Codes) -> ClassCounts:
    """Eq. 11: share each region's samples out to its classes, in proportion to cLSI times the class's share."""
    key, place = np.unique(
        of_unit[landscape.units].astype(np.int64) * (1 << 16) + landscape.classes, return_inverse=True
    )
    pixels = np.bincount(place, landscape.pixels, len(key)).astype(np.int64)
    edges = np.bincount(place, landscape.edges, len(key)).astype(np.int64)
    regions, classes = key >> 16, key & 0xFFFF
    share = pixels / np.bincount(regions, pixels, len(counts))[regions]
    indexes = index(edges, pixels)
    found = np.zeros(len(key), np.int64)
    starts = np.flatnonzero(np.diff(regions, prepend=-1))
    for rows in np.split(np.arange(len(key)), starts[1:]):
        if len(rows):
            found[rows] = shared_out(indexes[rows] * share[rows], int(counts[regions[rows[0]]]))
    return ClassCounts(regions, classes, indexes, share, found)


def shared_out(weights: Floats, total: int) -> Codes:
    """Whole numbers in proportion to the weights, `total` together; all 0 where no weight is above 0.

    What is left after rounding down goes to the largest remainders, to the first of equal ones.
    """
    whole = float(weights.sum())
    if whole <= 0:
        return np.zeros(len(weights), np.int64)
    exact = weights / whole * total
    counts = np.floor(exact).astype(np.int64)
    left = total - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:left]] += 1
    return counts
