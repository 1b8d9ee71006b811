"""`trsllava batch`: captions by way of files, for clusters without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trsllava.cli.options import (
    Bands,
    Collection,
    Device,
    Encoder,
    Home,
    NodataLimit,
    Overlap,
    QdrantUrl,
    Stretch,
    TileSide,
)

app = typer.Typer(help="Caption through `vllm run-batch` files, on clusters without a server.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="Folder of images; sub-folders are searched.", show_default=False)]
Model = Annotated[
    str, typer.Option("--model", help="The model that the cluster runs, by the name it is served under.")
]


@app.command("export")
def export(
    folder: Folder,
    requests: Annotated[Path, typer.Argument(help="Folder to write the requests to.", show_default=False)],
    model: Model,
    per_file: Annotated[int, typer.Option(min=1, help="Requests per file.")] = 2000,
    bands: Bands = None,
    stretch: Stretch = None,
    tile: TileSide = None,
    overlap: Overlap = None,
    nodata_limit: NodataLimit = None,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """Write a request for each image without a caption.

    **Example**: `trsllava batch export ./images ./requests --model Qwen/Qwen3-VL-8B-Instruct`, then, on the cluster,
    `vllm run-batch -i requests-00000.jsonl -o answers/00000.jsonl --model Qwen/Qwen3-VL-8B-Instruct` with the options
    that `trsllava serve-vlm` prints.
    """
    import trsllava
    from trsllava.cli.reports import print_list

    with trsllava.open(
        home,
        collection,
        bands=bands,
        stretch=stretch,
        tile=tile,
        overlap=overlap,
        nodata_limit=nodata_limit,
    ) as archive:
        files, unreadable = archive.export_requests(folder, requests, model, per_file=per_file)
    print(f"{len(files)} files of requests in {requests}")
    print_list("unreadable", unreadable)
    if unreadable:
        raise typer.Exit(1)


@app.command("import")
def import_(
    folder: Folder,
    results: Annotated[Path, typer.Argument(help="Result file, or a folder of them.", show_default=False)],
    model: Model,
    encoder: Encoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Import the results of `vllm run-batch`; images without an answer keep waiting.

    **Example**: `trsllava batch import ./images ./answers --model Qwen/Qwen3-VL-8B-Instruct`
    """
    import trsllava
    from trsllava.captioners.batch import BatchResults, batch_exchange
    from trsllava.cli.progress import shown_progress
    from trsllava.cli.reports import print_report

    with (
        trsllava.open(home, collection, encoder=encoder, device=device, qdrant_url=qdrant_url) as archive,
        shown_progress() as progress,
    ):
        answers = BatchResults(results, batch_exchange(model, skip_checks=archive.settings.skip_checks))
        report = archive.index(folder, captioner=answers, progress=progress)
    print_report(report)
    if not report.complete:
        raise typer.Exit(1)
