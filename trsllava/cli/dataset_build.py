"""`trsllava dataset build`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.captioners.named import CaptionerName
from trsllava.cli.options import Bands, BaseUrl, Concurrency, Model, Stretch
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.dataset.build import DataSet
    from indexer.sampling.sample import Table
    from trsllava.archive import Archive

_REVIEWED = 0.1
"""Share of the texts that people are asked to judge: LuojiaHOG's (section 3.1.3)."""


def build(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the data set.")],
    images: Annotated[Path, typer.Option("--images", help="Folder of GeoTIFFs to cut pictures from.")],
    area: AreaOption = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the data set.  [default: the folder's]")] = None,
    description: Annotated[str, typer.Option("--description", help="What the data set is for.")] = "",
    license_: Annotated[
        str, typer.Option("--license", help="Licence of the pictures, such as CC-BY-4.0.", show_default=False)
    ] = "",
    strategy: StrategyOption = StrategyName.moran,
    count: Count = 1000,
    seed: Seed = 0,
    values: Values = None,
    land_cover: Annotated[
        Path | None,
        typer.Option("--land-cover", help="GeoTIFF of ESA WorldCover codes: for moran, and to take labels from."),
    ] = None,
    cell: Cell = 1,
    gamma: Gamma = 1.0,
    fdr: Fdr = 0.05,
    permutations: Permutations = 99_999,
    grid_km: GridKm = 10.0,
    objects: Annotated[
        Path | None,
        typer.Option(
            "--objects",
            help="OpenStreetMap extract as GeoJSON, GeoJSON lines or GeoParquet: for osm, and to take labels from.",
        ),
    ] = None,
    tag: Tags = None,
    labels: Annotated[str, typer.Option("--labels", help="Label tree: a file, or overhead.")] = "overhead",
    tile_metres: TileMetres = 1280.0,
    bands: Bands = None,
    stretch: Stretch = None,
    block_km: Annotated[
        float, typer.Option("--block-km", min=1, max=5000, help="Side of the blocks that go to one split.")
    ] = 20.0,
    gap_km: Annotated[
        float, typer.Option("--gap-km", min=0, help="Least ground between pictures of two splits.")
    ] = 1.0,
    captioner: Annotated[
        CaptionerName,
        typer.Option("--captioner", help="Who writes the captions: nano, vllm (on a server) or vllm-offline."),
    ] = "nano",
    base_url: BaseUrl = None,
    model: Model = None,
    concurrency: Concurrency = None,
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="Format to write; may be given several times: captions, parquet, imagefolder, webdataset, croissant, "
            "trainingdml, stac, card, checksums.  [default: all]",
        ),
    ] = None,
) -> None:
    """Build a data set of labelled, captioned pictures, split without spatial leakage.

    Chooses places, cuts their pictures from your GeoTIFFs, labels them from the map, splits them by blocks, captions
    and checks them, and writes them in formats that other programs read. It can be stopped at any time; the same
    command resumes it. Exit code 0: all done; 1: done, but some pictures or captions could not be had.

    **Examples**

    `trsllava dataset build --values lights.tif --land-cover cover.tif --objects osm.geojson --images scenes -o mine`

    `trsllava dataset build --strategy majortom --area 10,49,11,50 --objects osm.geojson --images scenes -o mine`
    """
    import trsllava
    from indexer.dataset.build import ARCHIVE_SETTINGS, STATE, build_data_set
    from indexer.dataset.labelling import MapSources
    from indexer.dataset.plan import DataSetPlan, Splitting
    from indexer.sampling.area import EVERYWHERE, parse_area
    from trsllava.captioners.named import check_asked_as, load_captioner
    from trsllava.cli.progress import shown_progress
    from trsllava.cli.sample_folder import PictureWishes
    from trsllava.labels.file import read_tree

    check_asked_as(captioner, base_url=base_url, model=model)
    where = parse_area(area) if area else EVERYWHERE
    wishes = StrategyWishes(strategy, seed, values, land_cover, cell, gamma, fdr, permutations, grid_km, objects, tag)
    plan = DataSetPlan(
        name or output.absolute().name,
        wishes.strategy(where),
        images,
        MapSources(read_tree(labels), objects, land_cover),
        count=count,
        seed=seed,
        area=where,
        cutting=PictureWishes(tile_metres, images, bands, stretch).cutting(),
        splitting=Splitting(block_km, gap_km),
        formats=tuple(format_ or ()),
        description=description,
        license=license_,
    )
    asked = {"base_url": base_url, "model": model, "concurrency": concurrency}
    home = output.absolute() / STATE
    with trsllava.open(home, "pictures", **asked, **ARCHIVE_SETTINGS) as archive:
        writer = load_captioner(captioner, archive.settings, prompt="rsrt-mapped")
        with shown_progress() as progress:
            built = build_data_set(output, plan, archive, writer, review=_review(archive), progress=progress)
        judged = _write_review(archive, built, seed)
    for line in _lines(built, home, judged):
        print(line)
    if built.unreadable or built.waiting or built.given_up:
        raise typer.Exit(1)


def _review(archive: Archive) -> list[Table]:
    """What people's verdicts say so far."""
    from itertools import combinations

    from eval.metrics.agreement import agreement, by_reviewer, share_of
    from indexer.sampling.sample import Row, Table

    said = by_reviewer(archive.verdicts()) if archive.exists() else {}
    shares = [share_of(name, of) for name, of in said.items()]
    rows: list[Row] = [
        {"reviewer": one.reviewer, "judged": one.judged, "accepted": one.accepted, "share": one.accepted / one.judged}
        for one in shares
    ]
    pairs: list[Row] = [
        {
            "reviewers": f"{first} and {second}",
            "pictures in common": found.tiles,
            "agreement": found.observed,
            "Cohen's kappa": "not defined" if found.kappa is None else found.kappa,
        }
        for first, second in combinations(said, 2)
        if (found := agreement(said[first], said[second]))
    ]
    return [Table("Review", rows), Table("Agreement of reviewers", pairs)]


def _write_review(archive: Archive, built: DataSet, seed: int) -> int:
    """Write the page on which people judge a sample of the texts; returns how many."""
    from trsllava.cli.output import write_lines
    from trsllava.cli.review import picture_of
    from trsllava.formats.review import review_page

    records = archive.review_sample(_REVIEWED, seed=seed)
    page = review_page(built.about.name, records, {str(one.tile.id): picture_of(one) for one in records})
    write_lines(built.folder / "review.html", [page])
    return len(records)


def _lines(built: DataSet, home: Path, judged: int) -> Iterator[str]:
    from indexer.sampling.page import written

    yield from built.numbers.notes
    yield from built.unreadable
    for name, value in built.numbers.figures.items():
        yield f"{name}: {written(value)}"
    if built.given_up:
        yield f"{built.given_up} pictures got no usable caption and are left out: trsllava status --home {home}"
    if built.waiting:
        yield f"{built.waiting} pictures wait for a caption. Run the same command again."
    yield f"{judged} texts to judge in {built.folder / 'review.html'}."
    yield f"Written to {built.folder}: open {built.folder / 'index.html'} for the numbers."
