"""`trsllava dataset`: building data sets, step by step."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.cli.options import Bands, Stretch
from trsllava.errors import InputError, Parameter

if TYPE_CHECKING:
    from indexer.sampling.sample import Strategy

app = typer.Typer(help="Build data sets: choose where on the Earth to look.", no_args_is_help=True)


class StrategyName(StrEnum):
    """How places are chosen."""

    moran = "moran"
    majortom = "majortom"
    osm = "osm"


@app.callback()
def _dataset() -> None:
    """Keep the group a group while it has one command."""


@app.command("sample")
def sample(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write; must be empty or new.")],
    strategy: Annotated[
        StrategyName,
        typer.Option(
            "--strategy",
            help="moran: where a value clusters and the land cover is mixed; majortom: cells of Major TOM's grid; "
            "osm: objects of OpenStreetMap.",
        ),
    ] = StrategyName.moran,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Points to choose.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed chooses other points.")] = 0,
    area: Annotated[
        str | None,
        typer.Option("--area", help="west,south,east,north in degrees, or a GeoJSON file with polygons."),
    ] = None,
    values: Annotated[
        Path | None, typer.Option("--values", help="moran: GeoTIFF of a value such as night lights.")
    ] = None,
    land_cover: Annotated[
        Path | None, typer.Option("--land-cover", help="moran: GeoTIFF of land-cover codes, such as ESA WorldCover.")
    ] = None,
    cell: Annotated[int, typer.Option("--cell", min=1, help="moran: pixels of a cell's side.")] = 1,
    gamma: Annotated[
        float, typer.Option("--gamma", min=0, help="moran: exponent of distance in the weights (eq. 1).")
    ] = 1.0,
    fdr: Annotated[
        float, typer.Option("--fdr", min=0.0001, max=0.5, help="moran: share of false discoveries to accept.")
    ] = 0.05,
    permutations: Annotated[
        int, typer.Option("--permutations", min=0, help="moran: draws; 0 takes the normal approximation.")
    ] = 99_999,
    grid_km: Annotated[
        float, typer.Option("--grid-km", min=0.1, max=5000, help="majortom: side of a grid cell.")
    ] = 10.0,
    objects: Annotated[
        Path | None, typer.Option("--objects", help="osm: extract as GeoJSON, GeoJSON lines or GeoParquet.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="osm: KEY=VALUE or KEY; may be given several times.")
    ] = None,
    tile_metres: Annotated[
        float, typer.Option("--tile-metres", min=1, max=100_000, help="Ground that a tile's side covers.")
    ] = 1280.0,
    images: Annotated[Path | None, typer.Option("--images", help="Folder of GeoTIFFs to cut pictures from.")] = None,
    bands: Bands = None,
    stretch: Stretch = None,
    block_km: Annotated[
        float | None,
        typer.Option("--block-km", min=1, max=5000, help="Split by blocks of this side: train, val and test."),
    ] = None,
    gap_km: Annotated[
        float, typer.Option("--gap-km", min=0, help="Least distance between points of two splits.")
    ] = 1.0,
) -> None:
    """Choose where on the Earth to sample, and cut the pictures of those places.

    Writes points.geojson, tiles.geojson, a STAC collection, map.png, sampling.json and index.html, a page with the
    numbers; with `--images` a PNG of each place that an image shows.

    **Example**: `trsllava dataset sample --values lights.tif --land-cover worldcover.tif -n 500 -o sample`
    """
    from indexer.sampling.area import EVERYWHERE, parse_area
    from trsllava.cli.sample_folder import PictureWishes, Splitting, write_sample

    where = parse_area(area) if area else EVERYWHERE
    chosen: Strategy
    match strategy:
        case StrategyName.moran:
            from indexer.sampling.by_moran import MoranStrategy
            from indexer.sampling.clusters import Significance
            from indexer.sampling.neighbours import Weights

            chosen = MoranStrategy(
                _needed(values, "values", strategy),
                _needed(land_cover, "land_cover", strategy),
                where,
                cell=cell,
                weights=Weights(gamma),
                significance=Significance(fdr, permutations, seed),
            )
        case StrategyName.majortom:
            from indexer.sampling.by_majortom import MajorTomStrategy

            chosen = MajorTomStrategy(where, grid_km)
        case StrategyName.osm:
            from indexer.sampling.by_osm import OsmStrategy
            from indexer.sampling.osm_objects import parse_tag

            if not tag:
                raise InputError("The strategy osm needs ", Parameter("tag"), ", such as leisure=marina.")
            chosen = OsmStrategy(_needed(objects, "objects", strategy), tuple(map(parse_tag, tag)), where)
    splitting = None if block_km is None else Splitting(block_km, gap_km)
    pictures = PictureWishes(tile_metres, images, bands, stretch)
    for line in write_sample(output, chosen, count, seed, pictures, splitting):
        print(line)


def _needed(path: Path | None, name: str, strategy: StrategyName) -> Path:
    if path is None:
        raise InputError(f"The strategy {strategy.value} needs ", Parameter(name), ".")
    return path
