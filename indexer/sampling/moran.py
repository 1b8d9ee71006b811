"""Moran's I, global and local: eq. 2 to 5 of LuojiaHOG (Zhao et al., arXiv 2403.10887).

Values are `(h, w)` float64, NaN where there is no data; such cells are neither counted nor anybody's neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import erfc

from indexer.sampling.neighbours import Counts, Floats, Weights, strips
from trsllava.errors import InputError

_FEWEST = 4
"""Cells below which the variance under randomisation does not exist."""

_NO_VARIANCE = 1e-15


@dataclass(frozen=True)
class Moments:
    """What local statistics need to know of all cells with data."""

    count: int
    mean: float
    variance: float
    """Of the whole population: divided by `count`."""
    kurtosis: float
    """Fourth central moment over the variance squared."""

    @classmethod
    def of(cls, values: Floats) -> Moments:
        """Raises InputError for fewer than four cells with data, or where all hold one value."""
        count, total = 0, 0.0
        for rows in strips(values.shape):
            part = values[rows]
            count += int(np.count_nonzero(~np.isnan(part)))
            total += float(np.nansum(part))
        if count < _FEWEST:
            raise InputError(
                f"The value raster has {count} cells with data in the area; at least {_FEWEST} are needed."
            )
        mean = total / count
        second = fourth = 0.0
        for rows in strips(values.shape):
            squares = (values[rows] - mean) ** 2
            second += float(np.nansum(squares))
            fourth += float(np.nansum(squares**2))
        variance = second / count
        if variance <= (1e-12 * mean) ** 2:
            raise InputError("All cells of the value raster hold the same value: nothing in it tells regions apart.")
        return cls(count, mean, variance, fourth / count / variance**2)


@dataclass(frozen=True)
class GlobalMoran:
    """Is a raster clustered, dispersed or random?"""

    index: float
    """Eq. 2."""
    expected: float
    """-1 / (n - 1), where values lie at random."""
    z: float
    """Standard score under randomisation: the values as they are, in any order."""
    p: float
    """Two-sided, of the normal approximation."""


def global_moran(values: Floats, weights: Weights, moments: Moments) -> GlobalMoran:
    """Eq. 2 and 3; the variance is Cliff and Ord's under randomisation (Spatial Processes, 1981, eq. 1.45)."""
    n = float(moments.count)
    s0 = s1 = s2 = cross = 0.0
    for rows in strips(values.shape):
        deviations = values[rows] - moments.mean
        cross += float(np.nansum(deviations * _lag_of_deviations(values, weights, moments, rows)))
        sums, squares = Counts.of(values, rows).weight_sums(weights)
        valid = ~np.isnan(values[rows])
        s0 += float(sums[valid].sum())
        s1 += 2 * float(squares[valid].sum())
        s2 += 4 * float((sums[valid] ** 2).sum())
    if s0 == 0:
        raise InputError("No cell of the value raster has a neighbour with data: there is no pattern to look for.")
    index = cross / s0 / moments.variance
    expected = -1 / (n - 1)
    normal = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0 * s0)
    peaked = moments.kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0 * s0)
    variance = (normal - peaked) / ((n - 1) * (n - 2) * (n - 3) * s0 * s0) - expected**2
    # where all cells are neighbours the index is the same in any order: rounding alone is left of its variance
    z = (index - expected) / variance**0.5 if variance > _NO_VARIANCE else 0.0
    return GlobalMoran(index, expected, z, float(two_sided(np.array(z))))


@dataclass(frozen=True)
class LocalMoran:
    """Of some rows: arrays of their shape, NaN where there is no data."""

    index: Floats
    """Eq. 4."""
    deviation: Floats
    """z_i of eq. 4: the value above or below the mean."""
    lag: Floats
    """The paper's LISA: the weighted sum of the neighbours' deviations."""
    z: Floats
    """Standard score of the index where the other cells are shuffled and this one keeps its value."""


def local_moran(values: Floats, weights: Weights, moments: Moments, rows: slice) -> LocalMoran:
    """Eq. 4 and 5, with the conditional moments of Sokal et al. (Geographical Analysis 30(4), 1998, A7 and A8).

    S_i² of eq. 5 leaves the cell itself out. A cell without neighbours, or equal to the mean, has z = 0.
    """
    n, variance = moments.count, moments.variance
    deviation = values[rows] - moments.mean
    lag = np.where(np.isnan(deviation), np.nan, _lag_of_deviations(values, weights, moments, rows))
    sums, squares = Counts.of(values, rows).weight_sums(weights)
    spread = (n * variance - deviation**2) / (n - 1)
    expected = -deviation * sums / (n - 1)
    of_lag = n / (n - 2) * (squares - sums**2 / (n - 1)) * (variance - deviation**2 / (n - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.sign(deviation) * (lag - expected) / np.sqrt(of_lag)
        index = deviation * lag / spread
    z[~np.isfinite(z) & ~np.isnan(deviation)] = 0
    return LocalMoran(index, deviation, lag, z)


def two_sided(z: Floats) -> Floats:
    """The chance of a standard score as far from 0, or farther, under the normal distribution."""
    p: Floats = erfc(np.abs(z) / np.sqrt(2))
    return p


def _lag_of_deviations(values: Floats, weights: Weights, moments: Moments, rows: slice) -> Floats:
    around = slice(max(0, rows.start - 1), rows.stop + 1)
    deviations = values[around] - moments.mean
    inside = slice(rows.start - around.start, rows.stop - around.start)
    return weights.lag(deviations, inside)
