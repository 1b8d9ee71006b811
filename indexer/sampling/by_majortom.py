"""Cells of Major TOM's grid, drawn at random: the same share of every part of an area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.sampling.area import EVERYWHERE, Area
from indexer.sampling.majortom_grid import GridCell, MajorTomGrid
from indexer.sampling.sample import Sample, SamplePoint, Value
from trsllava.errors import InputError, Parameter

_MOST_CELLS = 5_000_000
"""Of a grid of 10 km the whole Earth has as many."""


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
        boxes = [cell for cell, _ in zip(grid.cells_in(self.area.box), range(_MOST_CELLS + 1), strict=False)]
        if len(boxes) > _MOST_CELLS:
            raise InputError(
                f"The area has more than {_MOST_CELLS:,} cells. Take a larger ", Parameter("grid_km"), "."
            )
        if self.area.polygons:
            inside = self.area.holds(*np.array([cell.centre for cell in boxes]).reshape(-1, 2).T)
            cells = [cell for cell, kept in zip(boxes, inside, strict=True) if kept]
        else:
            cells = boxes
        if not cells:
            raise InputError(
                f"No cell of {self.km:g} km has its centre in the area. Take a smaller ", Parameter("grid_km"), "."
            )
        picks = np.random.default_rng(seed).permutation(len(cells))[:count]
        points = [_point(cells[pick]) for pick in sorted(picks)]
        notes = () if len(cells) >= count else (f"The area has only {len(cells)} cells; all were taken.",)
        return Sample(points, {"cells in the area": len(cells), "points": len(points)}, notes=notes)


def _point(cell: GridCell) -> SamplePoint:
    longitude, latitude = cell.centre
    return SamplePoint(cell.name, longitude, latitude, {"grid_cell": cell.name})
