"""How unusual are a cell's neighbours? Conditional permutation, as in Anselin (Geographical Analysis 27(2), 1995).

The cell keeps its value, and its neighbours are drawn from all other cells without replacement. Only the sum of the
neighbours then varies, so one null distribution serves all cells with as many neighbours on sides and on corners:
what is drawn is shared by them, and a million cells cost a binary search each. The few cells that stand in a draw
themselves have their place in it taken by a spare.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.sampling.neighbours import Counts, Floats, Weights

Indexes = NDArray[np.int64]

_SAME = 1e-11
"""Sums of the same numbers in another order differ by no more than this share."""


class Permutations:
    """Draws of neighbours, made once for each number of them; equal for equal seeds, however the rows are cut."""

    def __init__(self, deviations: Floats, weights: Weights, *, draws: int, seed: int) -> None:
        """`deviations`: `(h, w)`, NaN where there is no data."""
        self._at = np.flatnonzero(~np.isnan(deviations))
        self._values = deviations.ravel()[self._at]
        self._width = deviations.shape[1]
        self._weights, self._draws, self._seed = weights, draws, seed
        self._drawn: dict[tuple[int, int], tuple[Indexes, Floats]] = {}

    def p(self, deviations: Floats, lag: Floats, counts: Counts, rows: slice) -> Floats:
        """Two-sided pseudo p-values of some rows' lags, at least 2 / (draws + 1); NaN where there is no data.

        Twice the smaller share of draws that are at least as large, or at most as large, the lag itself counted among
        them.
        """
        found = np.where(np.isnan(deviations), np.nan, 1.0)
        first = rows.start * self._width
        kinds = counts.sides.astype(np.int16) * 16 + counts.corners
        for kind in np.unique(kinds[~np.isnan(deviations)]):
            sides, corners = int(kind) // 16, int(kind) % 16
            if not 0 < sides + corners < len(self._values):
                continue
            cells = np.flatnonzero((kinds == kind) & ~np.isnan(deviations))
            place = np.searchsorted(self._at, cells + first)  # in order
            found.flat[cells] = self._p_of_kind(sides, corners, place, lag.flat[cells])
        return found

    def _p_of_kind(self, sides: int, corners: int, cells: Indexes, lags: Floats) -> Floats:
        drawn, sums = self._of_kind(sides, corners)
        slack = _SAME * float(np.abs(sums).max(initial=0.0))
        low, high = lags - slack, lags + slack
        in_order = np.sort(sums)
        above = self._draws - np.searchsorted(in_order, low, "left")
        below = np.searchsorted(in_order, high, "right")
        draw, slot, where = _occurrences(drawn[:, :-1], cells)
        change = self._slots(sides, corners)[slot] * (self._values[drawn[draw, -1]] - self._values[drawn[draw, slot]])
        mended = sums[draw] + change
        np.add.at(above, where, (mended >= low[where]).astype(int) - (sums[draw] >= low[where]))
        np.add.at(below, where, (mended <= high[where]).astype(int) - (sums[draw] <= high[where]))
        return np.minimum(1.0, 2 * (np.minimum(above, below) + 1) / (self._draws + 1))

    def _of_kind(self, sides: int, corners: int) -> tuple[Indexes, Floats]:
        """`(draws, neighbours + 1)` places among the cells with data, the last a spare, and the neighbours' sums."""
        if (sides, corners) not in self._drawn:
            rng = np.random.default_rng([self._seed, sides, corners])
            drawn = _distinct(rng, len(self._values), self._draws, sides + corners + 1)
            sums = self._values[drawn[:, :-1]] @ self._slots(sides, corners)
            self._drawn[sides, corners] = drawn, sums
        return self._drawn[sides, corners]

    def _slots(self, sides: int, corners: int) -> Floats:
        return np.repeat([1.0, self._weights.corner], [sides, corners])


def _occurrences(drawn: Indexes, cells: Indexes) -> tuple[Indexes, Indexes, Indexes]:
    """Where some cells, in order, stand among what was drawn: the draw, the place in it, the place among the cells."""
    first = cells[0]
    numbers = np.full(cells[-1] - first + 1, -1, np.int64)
    numbers[cells - first] = np.arange(len(cells))
    draw, slot = np.nonzero((drawn >= first) & (drawn <= cells[-1]))
    where = numbers[drawn[draw, slot] - first]
    own = where >= 0
    return draw[own], slot[own], where[own]


def _distinct(rng: np.random.Generator, size: int, rows: int, columns: int) -> Indexes:
    """`(rows, columns)` numbers below `size`, no row with one twice, all such rows equally likely."""
    drawn = np.empty((rows, columns), np.int64)
    for column in range(columns):
        rank = rng.integers(0, size - column, rows)
        for earlier in np.sort(drawn[:, :column], axis=1).T:  # the rank counts only what is not drawn yet
            rank += rank >= earlier
        drawn[:, column] = rank
    return drawn
