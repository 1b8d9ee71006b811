"""`trsllava dataset`: building data sets, in steps or as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trsllava.cli.dataset_build import build
from trsllava.cli.options import Bands, Stretch
from trsllava.cli.sampling_options import (
    AreaOption,
    Cell,
    Count,
    Fdr,
    Gamma,
    GridKm,
    Permutations,
    Seed,
    StrategyName,
    StrategyOption,
    StrategyWishes,
    Tags,
    TileMetres,
    Values,
)

app = typer.Typer(
    help="Build data sets: choose where on the Earth to look, cut, label and caption pictures.", no_args_is_help=True
)
app.command("build")(build)


@app.command("sample")
def sample(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write; must be empty or new.")],
    strategy: StrategyOption = StrategyName.moran,
    count: Count = 1000,
    seed: Seed = 0,
    area: AreaOption = None,
    values: Values = None,
    land_cover: Annotated[
        Path | None, typer.Option("--land-cover", help="moran: GeoTIFF of land-cover codes, such as ESA WorldCover.")
    ] = None,
    cell: Cell = 1,
    gamma: Gamma = 1.0,
    fdr: Fdr = 0.05,
    permutations: Permutations = 99_999,
    grid_km: GridKm = 10.0,
    objects: Annotated[
        Path | None, typer.Option("--objects", help="osm: extract as GeoJSON, GeoJSON lines or GeoParquet.")
    ] = None,
    tag: Tags = None,
    tile_metres: TileMetres = 1280.0,
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
    chosen = StrategyWishes(
        strategy, seed, values, land_cover, cell, gamma, fdr, permutations, grid_km, objects, tag
    ).strategy(where)
    splitting = None if block_km is None else Splitting(block_km, gap_km)
    pictures = PictureWishes(tile_metres, images, bands, stretch)
    for line in write_sample(output, chosen, count, seed, pictures, splitting):
        print(line)
