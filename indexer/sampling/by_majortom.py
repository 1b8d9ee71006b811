"""Cells of Major TOM's grid, drawn at random: the same share of every part of an area."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.sampling.area import EVERYWHERE, Area
from indexer.sampling.majortom_grid import GridCell, GridRow, MajorTomGrid
from indexer.sampling.sample import Sample, SamplePoint, Value
from trsllava.errors import InputError, Parameter

_MOST_CELLS = 20_000_000
"""Of a grid of 10 km the whole Earth has a quarter as many."""


@dataclass(frozen=True)
class MajorTomStrategy:
    """Sample the grid's cells whose centres lie in an area."""

    area: Area = EVERYWHERE
    km: float = 10.0
    """The cells' width and height, at most."""
    name: str = "majortom"

    @property
    def asked(self) -> dict[str, Value]:
        """What was asked for."""
        return {"area": str(self.area), "km of a cell's side": self.km}

    def sample(self, count: int, seed: int) -> Sample:
        """All cells where there are no more than wanted. Raises InputError where no cell's centre lies in the area."""
        grid = MajorTomGrid(self.km)
        rows = list(grid.rows_in(self.area.box))
        total = sum(row.count for row in rows)
        if total > _MOST_CELLS:
            raise InputError(
                f"The area has more than {_MOST_CELLS:,} cells. Take a larger ", Parameter("grid_km"), "."
            )
        inside = np.arange(total)
        if self.area.polygons:
            inside = np.flatnonzero(np.concatenate([np.empty(0), *(self.area.holds(*row.centres()) for row in rows)]))
        if not len(inside):
            raise InputError(
                f"No cell of {self.km:g} km has its centre in the area. Take a smaller ", Parameter("grid_km"), "."
            )
        picks = np.sort(np.random.default_rng(seed).permutation(len(inside))[:count])
        points = [_point(cell) for cell in _cells(grid, rows, inside[picks])]
        notes = () if len(inside) >= count else (f"The area has only {len(inside)} cells; all were taken.",)
        return Sample(points, {"cells in the area": len(inside), "points": len(points)}, notes=notes)


def _cells(grid: MajorTomGrid, rows: Sequence[GridRow], places: NDArray[np.int64]) -> Iterator[GridCell]:
    """The cells at some places of all cells of the rows."""
    starts = np.cumsum([0, *(row.count for row in rows)])
    of_place = np.searchsorted(starts, places, side="right") - 1
    for place, number in zip(places.tolist(), of_place.tolist(), strict=True):
        row = rows[number]
        yield grid.cell(row.number, row.first + place - int(starts[number]))


def _point(cell: GridCell) -> SamplePoint:
    longitude, latitude = cell.centre
    return SamplePoint(cell.name, longitude, latitude, {"grid_cell": cell.name})
