"""`trsllava index`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from trsllava.captioners.named import CaptionerName
from trsllava.cli.options import (
    Bands,
    BaseUrl,
    Collection,
    Concurrency,
    Device,
    Encoder,
    Home,
    ImageEncoder,
    Model,
    NodataLimit,
    Overlap,
    QdrantUrl,
    Stretch,
    TileSide,
)
from trsllava.cli.reports import print_report
from trsllava.errors import OutOfReachError
from trsllava.records import CheckName

if TYPE_CHECKING:
    from indexer.plan import IndexPlan

CheckChoice = StrEnum("CheckChoice", [(name, name) for name in get_args(CheckName) if name not in ("schema", "empty")])  # type: ignore[misc]
"""Checks that can be skipped: what is no rich text at all is never stored."""


def index(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="Folder of images (sub-folders are searched), an image file, or a STAC item, collection, catalogue, "
            "ItemCollection or GeoParquet of items; also over http(s), s3 and gs.",
            show_default=False,
        ),
    ],
    stac_query: Annotated[
        str | None,
        typer.Option(
            "--stac-query",
            help="SOURCE is a STAC API: index what this search finds, as in "
            "'collections=sentinel-2-l2a&bbox=3.9,51.8,4.6,52.1&datetime=2023-06/2023-08&max=20'.",
        ),
    ] = None,
    captions: Annotated[
        Path | None, typer.Option("--captions", help="Import captions: RSRT JSONL, or {image, captions} per line.")
    ] = None,
    captioner: Annotated[
        CaptionerName | None,
        typer.Option(
            "--captioner",
            help="Who writes the captions: nano (bundled), or a vision-language model: vllm (on a server) or "
            "vllm-offline (in this process).  "
            "[default: nano]",
        ),
    ] = None,
    base_url: BaseUrl = None,
    model: Model = None,
    concurrency: Concurrency = None,
    variant_requests: Annotated[
        bool | None,
        typer.Option(
            "--variant-requests/--one-request",
            help="Request each variant separately, with its own seed.  [default: one request]",
        ),
    ] = None,
    bands: Bands = None,
    stretch: Stretch = None,
    tile: TileSide = None,
    overlap: Overlap = None,
    nodata_limit: NodataLimit = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Estimate tiles, time and disk space; do nothing.")
    ] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove images that are no longer in this folder.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="With --prune: even if the folder looks unmounted.")
    ] = False,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="Keep running: index new and changed files of a folder once they stop changing, and any other source "
            "every five minutes.",
        ),
    ] = False,
    recaption_stale: Annotated[
        bool, typer.Option("--recaption-stale", help="Caption tiles again that have an earlier version of the prompt.")
    ] = False,
    recaption_fewer: Annotated[
        bool, typer.Option("--recaption-fewer", help="Caption tiles again that have fewer variants than requested.")
    ] = False,
    language: Annotated[
        str | None,
        typer.Option("--language", help="Language that a model server writes in (ISO 639-1), or any.  [default: en]"),
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Keep going even if no answer from the model server is usable.")
    ] = False,
    dedupe: Annotated[
        bool, typer.Option("--dedupe", help="Caption one tile of each group of near-duplicates and copy its text.")
    ] = False,
    skip_check: Annotated[
        list[CheckChoice] | None,
        typer.Option("--skip-check", help="Skip this quality check; may be repeated."),
    ] = None,
    encoder: Encoder = None,
    image_encoder: ImageEncoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Bring a collection up to date with a folder of images, or with the scenes of a STAC catalogue.

    Only what is new or changed is captioned, from the first file found on. It can be stopped at any time; the same
    command resumes it.
    Exit code 0: all done; 1: done, but some images or captions could not be used.

    **Examples**

    `trsllava index ./images`

    `trsllava index ./images --captions ./images/captions.jsonl`

    `trsllava index ./images --captioner vllm --base-url http://localhost:8000/v1`

    `trsllava index ./images --captioner vllm --dry-run`

    `trsllava index ./images --captions ./images/captions.jsonl --image-encoder none`

    `trsllava index ./sentinel --captioner vllm --bands sentinel2 --stretch percentile:1,99 --tile 768 --overlap 96`

    `trsllava index ./images --captioner vllm --base-url http://localhost:8000/v1 --dedupe --recaption-stale`

    `trsllava index https://data.example/catalog.json`

    `trsllava index https://stac.example/v1 --stac-query 'collections=sentinel-2-l2a&bbox=3.9,51.8,4.6,52.1&max=20'`

    `trsllava index ./images --captioner vllm-offline --model Qwen/Qwen3-VL-8B-Instruct`

    `trsllava index ./incoming --watch`
    """
    import trsllava

    with trsllava.open(
        home,
        collection,
        encoder=encoder,
        image_encoder=image_encoder,
        device=device,
        qdrant_url=qdrant_url,
        base_url=base_url,
        model=model,
        concurrency=concurrency,
        bands=bands,
        stretch=stretch,
        tile=tile,
        overlap=overlap,
        nodata_limit=nodata_limit,
        variant_requests=variant_requests,
        skip_checks=tuple(skip_check) if skip_check else None,
        language=language,
    ) as archive:
        if dry_run:
            _print_plan(archive.plan(source, stac_query=stac_query))
            return
        from trsllava.cli.progress import shown_progress

        rounds = archive.watch(source) if watch else iter([frozenset[str]()])
        report = None
        while True:
            with shown_progress() as progress:
                if (unsettled := next(rounds, None)) is None:
                    break
                try:
                    report = archive.index(
                        source,
                        stac_query=stac_query,
                        captions=captions,
                        captioner=captioner,
                        keep_going=keep_going,
                        prune=prune,
                        confirmed=yes,
                        recaption_stale=recaption_stale,
                        recaption_fewer=recaption_fewer,
                        dedupe=dedupe,
                        unsettled=unsettled,
                        progress=progress,
                    )
                except OutOfReachError as error:  # a watched source may be away for a while
                    if report is None:
                        raise
                    print(error, file=sys.stderr)
                    continue
            print_report(report)
    if report and not report.complete:
        raise typer.Exit(1)


def _print_plan(plan: IndexPlan) -> None:
    print(f"{plan.new} new, {plan.changed} changed, {plan.unchanged} unchanged, {plan.vanished} vanished files")
    if plan.unreadable:
        print(f"{plan.unreadable} scenes or documents cannot be read")
    print(f"{plan.tiles} tiles to caption ({plan.waiting} of them left over from earlier runs)")
    print(f"about {plan.disk_bytes / 1e6:.1f} MB of disk with five variants a tile")
    if plan.seconds is None:
        print("time: not known before this collection's first captions by a model")
    else:
        print(f"about {plan.seconds / 60:.1f} minutes at the pace of earlier runs")
    print("Nothing was written.")
