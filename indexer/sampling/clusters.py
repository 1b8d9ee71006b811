"""Which cells are worth sampling: cluster types (Table 3), hot and cold spots, and the region of eq. 8 of LuojiaHOG
(Zhao et al., arXiv 2403.10887).

Clusters and outliers are what local Moran's I finds significant by permutation; hot and cold spots are what Gi* finds
significant by its standard score. Both control the false discovery rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from indexer.sampling.discovery import discoveries
from indexer.sampling.getis_ord import gi_star
from indexer.sampling.moran import Moments, local_moran, two_sided
from indexer.sampling.neighbours import Counts, Floats, Mask, Weights, strips
from indexer.sampling.permutation import Permutations


class Cluster(IntEnum):
    """Table 3: a cell's own value and its neighbours', above or below the mean."""

    NONE = 0
    """Not significant, or no data."""
    HIGH_HIGH = 1
    LOW_LOW = 2
    LOW_HIGH = 3
    HIGH_LOW = 4

    @property
    def words(self) -> str:
        """`High-High`."""
        return "-".join(part.capitalize() for part in self.name.split("_"))


OUTLIERS = (Cluster.LOW_HIGH, Cluster.HIGH_LOW)


@dataclass(frozen=True)
class Significance:
    """What counts as significant."""

    rate: float = 0.05
    """The share of false discoveries that is accepted."""
    permutations: int = 99_999
    """Draws a cell's neighbours are compared with; 0: local Moran's I is judged by its standard score."""
    seed: int = 0


FEW_FALSE = Significance()


@dataclass(frozen=True)
class Clusters:
    """`(h, w)` maps of the significant cells of a value raster."""

    types: NDArray[np.int8]
    """Values of `Cluster`."""
    spots: NDArray[np.int8]
    """1 in hot spots, -1 in cold ones, 0 elsewhere."""

    def region(self) -> Mask:
        """Eq. 8: clusters that are hot or cold spots as well, and all outliers."""
        mask: Mask = ((self.types != Cluster.NONE) & (self.spots != 0)) | np.isin(self.types, OUTLIERS)
        return mask


@dataclass(frozen=True)
class Regions:
    """The connected parts of a region, each of one cluster type, numbered from 0."""

    of_cell: NDArray[np.int32]
    """`(h, w)`: the number of a cell's region; -1: none."""
    types: NDArray[np.int8]
    """`(n,)`: values of `Cluster`."""


def find_clusters(values: Floats, weights: Weights, moments: Moments, significance: Significance) -> Clusters:
    """Classify every cell of `(h, w)` values, NaN where there is no data."""
    of_moran, of_gi = np.empty(values.shape), np.empty(values.shape)
    types, spots = np.zeros(values.shape, np.int8), np.zeros(values.shape, np.int8)
    permutations = None
    if significance.permutations:
        permutations = Permutations(
            values - moments.mean, weights, draws=significance.permutations, seed=significance.seed
        )
    for rows in strips(values.shape):
        local = local_moran(values, weights, moments, rows)
        if permutations is None:
            of_moran[rows] = two_sided(local.z)
        else:
            of_moran[rows] = permutations.p(local.deviation, local.lag, Counts.of(values, rows), rows)
        types[rows] = cluster_types(local.deviation, local.lag)
        hot = gi_star(values, weights, moments, rows)
        of_gi[rows] = two_sided(hot)
        spots[rows] = np.sign(np.nan_to_num(hot))
    types[~discoveries(of_moran, significance.rate)] = Cluster.NONE
    spots[~discoveries(of_gi, significance.rate)] = 0
    return Clusters(types, spots)


def cluster_types(deviation: Floats, lag: Floats) -> NDArray[np.int8]:
    """Table 3, by the signs of z_i and of the LISA; what is 0 counts as below, and NaN has no type."""
    high, around = deviation > 0, lag > 0
    types = np.where(
        high,
        np.where(around, Cluster.HIGH_HIGH, Cluster.HIGH_LOW),
        np.where(around, Cluster.LOW_HIGH, Cluster.LOW_LOW),
    )
    types[np.isnan(deviation)] = Cluster.NONE
    return types.astype(np.int8)


def find_regions(types: NDArray[np.int8], mask: Mask) -> Regions:
    """Part a region into pieces of one type whose cells share sides or corners."""
    of_cell = np.full(types.shape, -1, np.int32)
    found: list[NDArray[np.int8]] = []
    count = 0
    for cluster in Cluster:
        if cluster is Cluster.NONE:
            continue
        pieces, number = ndimage.label(mask & (types == cluster), structure=np.ones((3, 3)))
        inside = pieces > 0
        of_cell[inside] = pieces[inside] - 1 + count
        found.append(np.full(number, cluster, np.int8))
        count += number
    return Regions(of_cell, np.concatenate(found))
