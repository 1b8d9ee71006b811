"""Options of the commands that choose places, and the strategy that they mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.errors import InputError, Parameter

if TYPE_CHECKING:
    from indexer.sampling.area import Area
    from indexer.sampling.sample import Strategy


class StrategyName(StrEnum):
    """How places are chosen."""

    moran = "moran"
    majortom = "majortom"
    osm = "osm"


StrategyOption = Annotated[
    StrategyName,
    typer.Option(
        "--strategy",
        help="moran: where a value clusters and the land cover is mixed; majortom: cells of Major TOM's grid; "
        "osm: objects of OpenStreetMap.",
    ),
]
Count = Annotated[int, typer.Option("--count", "-n", min=1, help="Points to choose.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Another seed chooses other points.")]
AreaOption = Annotated[
    str | None,
    typer.Option("--area", help="west,south,east,north in degrees, or a GeoJSON file with polygons."),
]
Values = Annotated[Path | None, typer.Option("--values", help="moran: GeoTIFF of a value such as night lights.")]
Cell = Annotated[int, typer.Option("--cell", min=1, help="moran: pixels of a cell's side.")]
Gamma = Annotated[float, typer.Option("--gamma", min=0, help="moran: exponent of distance in the weights (eq. 1).")]
Fdr = Annotated[float, typer.Option("--fdr", min=0.0001, max=0.5, help="moran: share of false discoveries to accept.")]
Permutations = Annotated[
    int, typer.Option("--permutations", min=0, help="moran: draws; 0 takes the normal approximation.")
]
GridKm = Annotated[float, typer.Option("--grid-km", min=0.1, max=5000, help="majortom: side of a grid cell.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="osm: KEY=VALUE or KEY; may be given several times.")]
TileMetres = Annotated[
    float, typer.Option("--tile-metres", min=1, max=100_000, help="Ground that a tile's side covers.")
]


@dataclass(frozen=True)
class StrategyWishes:
    """What the options of the strategies say."""

    name: StrategyName
    seed: int
    values: Path | None
    land_cover: Path | None
    cell: int
    gamma: float
    fdr: float
    permutations: int
    grid_km: float
    objects: Path | None
    tags: list[str] | None

    def strategy(self, where: Area) -> Strategy:
        """The strategy over an area. Raises InputError where it lacks what it needs."""
        match self.name:
            case StrategyName.moran:
                from indexer.sampling.by_moran import MoranStrategy
                from indexer.sampling.clusters import Significance
                from indexer.sampling.neighbours import Weights

                return MoranStrategy(
                    self._needed(self.values, "values"),
                    self._needed(self.land_cover, "land_cover"),
                    where,
                    cell=self.cell,
                    weights=Weights(self.gamma),
                    significance=Significance(self.fdr, self.permutations, self.seed),
                )
            case StrategyName.majortom:
                from indexer.sampling.by_majortom import MajorTomStrategy

                return MajorTomStrategy(where, self.grid_km)
            case StrategyName.osm:
                from indexer.sampling.by_osm import OsmStrategy
                from indexer.sampling.osm_objects import parse_tag

                if not self.tags:
                    raise InputError("The strategy osm needs ", Parameter("tag"), ", such as leisure=marina.")
                return OsmStrategy(self._needed(self.objects, "objects"), tuple(map(parse_tag, self.tags)), where)

    def _needed(self, path: Path | None, name: str) -> Path:
        if path is None:
            raise InputError(f"The strategy {self.name.value} needs ", Parameter(name), ".")
        return path
