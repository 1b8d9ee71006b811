"""`trsllava eval labels`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trsllava.cli.options import (
    AsJson,
    Collection,
    Device,
    Encoder,
    Fusion,
    Home,
    ImageEncoder,
    MeasuredBranches,
    MeasuredImages,
    MeasuredWeights,
    ReportFile,
    RichTexts,
    TrainedOn,
)
from trsllava.cli.output import check_folder_of, write_lines

if TYPE_CHECKING:
    from eval.labels import LabelReport


def labels(
    labels: Annotated[
        Path,
        typer.Option(
            "--labels",
            help="Labels of the images: a built data set's folder; .csv (image,split, one 0/1 column a label); or "
            'JSON lines {"image", "split", "captions": […], "second_level": […], "third_level": […]}.',
        ),
    ],
    captions: Annotated[
        Path | None,
        typer.Option(
            "--captions", help="Query texts, in any layout of `eval retrieval`.  [default: those with the labels]"
        ),
    ] = None,
    rich: RichTexts = None,
    images: MeasuredImages = None,
    split: Annotated[str, typer.Option("--split", help="Split to measure on.")] = "test",
    level: Annotated[
        Literal["second", "third"] | None,
        typer.Option("--level", help="Level of the labels, if they have two.  [default: third]"),
    ] = None,
    n: Annotated[str, typer.Option("--n", help="Cut-offs: how many of the first items count.")] = "5,10,20,50,100",
    branches: MeasuredBranches = None,
    fusion: Fusion = None,
    weights: MeasuredWeights = None,
    trained_on: TrainedOn = "not stated",
    output: ReportFile = None,
    as_json: AsJson = False,
    encoder: Encoder = None,
    image_encoder: ImageEncoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """MAP, weighted MAP, NDCG and ACG at n over shared labels, text to image and image to text.

    Items are relevant if they share a label with the query, more so with more labels (LuojiaHOG, eq. 26 to 30). Every
    caption ranks all labelled images of the split, and every image ranks all captions; a caption has the labels of its
    image. Ties count in expectation. Of a data set's folder, the captions ask and the pictures are in it; with
    `--branches image` no rich texts are needed.

    **Examples**

    `trsllava eval labels --labels harbours --level second --branches image`

    `trsllava eval labels --labels labels.csv --captions captions.jsonl --rich rich.jsonl --branches dense`

    `trsllava eval labels --labels labels.csv --captions captions.jsonl --rich rich.jsonl --images images
    --branches dense,image`

    `trsllava eval labels --labels luojiahog.jsonl --level second --collection luojia --n 5,100 --json`
    """
    from eval.datasets.captioned import read_captioned
    from eval.datasets.collection import collection_documents
    from eval.datasets.labelled import labels_file, level_of, read_labelled
    from eval.encoders import image_encoder_of, without_collection
    from eval.labels import evaluate_labels, label_task
    from eval.pictures import PictureSource
    from eval.recording import kept_report
    from eval.retrieval import evaluate_retrieval, scoring_of
    from eval.scores import TEXT_BRANCHES
    from trsllava.archive import Archive
    from trsllava.captioners.imported import read_rich_texts
    from trsllava.cli.parsing import parse_branches
    from trsllava.cli.progress import shown_progress
    from trsllava.config import load_settings
    from trsllava.search.conditions import as_weights

    ns = _depths(n)
    settings = load_settings(
        home=home,
        collection=collection,
        encoder=encoder,
        image_encoder=image_encoder,
        device=device,
        branches=parse_branches(branches) if branches else None,
        fusion=fusion,
        weights=as_weights(weights) if weights else None,
    )
    if rich is not None:  # the open collection's encoders are not asked then
        settings = without_collection(settings)
    if output is not None:
        check_folder_of(output)
    scoring = scoring_of(settings)
    file = labels_file(labels)
    images = images or (labels if labels.is_dir() else None)
    labelled = read_labelled(labels, split, level)
    captioned = read_captioned(captions, split) if captions is not None else None
    with Archive(settings) as archive, shown_progress() as progress:
        if rich is None and scoring.branches == ("image",):
            documents = None
        else:
            documents = read_rich_texts(rich) if rich is not None else collection_documents(archive, images)
        task = label_task(labelled, documents, captioned)
        pictures = None
        if "image" in scoring.branches:
            source = PictureSource(
                image_encoder_of(archive), images, archive if rich is None and archive.exists() else None, progress
            )
            pictures = source.pictures(task.retrieval.images)
        measured = evaluate_retrieval(
            task.retrieval,
            archive.encoder if any(branch in TEXT_BRANCHES for branch in scoring.branches) else None,
            scoring,
            split=split,
            pictures=pictures,
            captioner_trained_on=trained_on,
            progress=progress,
        )
        report = evaluate_labels(task, measured, ns, level_of(file, level), progress)
    if output is not None:
        files = {"labels": file, "captions": captions, "rich texts": rich}
        asked = task.retrieval
        command = ("trsllava", *sys.argv[1:])
        done = kept_report(report, settings, files, images, asked.images, asked.documents, command)
        write_lines(output, [done.write()])
    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        _print_table(report, ns)


def _depths(n: str) -> tuple[int, ...]:
    """Raises InputError."""
    from trsllava.errors import InputError

    try:
        ns = tuple(dict.fromkeys(int(part) for part in n.split(",")))
    except ValueError as error:
        raise InputError(f"--n takes numbers separated by commas, as in 5,10,20, not {n!r}.") from error
    if min(ns) < 1:
        raise InputError(f"--n counts from 1, and {n!r} has a smaller number.")
    return ns


def _print_table(report: LabelReport, ns: tuple[int, ...]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for n in ns:
        table.add_column(f"@{n}", justify="right")
    for way, figures in (("T2I", report.t2i), ("I2T", report.i2t)):
        for name, by_n in figures.items():
            table.add_row(f"{way} {name}", *(f"{by_n[n]:.4f}" for n in ns))
    console = Console()
    console.print(table)
    protocol = report.retrieval.protocol
    console.print(
        f"{protocol.n_images:,} images with {report.labels_per_image:.2f} of {report.n_labels} labels each, "
        f"{report.n_unlabelled} without; {protocol.n_queries:,} {protocol.queries} queries; documents: "
        f"{protocol.documents}; {', '.join(report.retrieval.branches)}; transductive: "
        f"{'yes' if protocol.transductive else 'no'}. Shares and numbers of labels, not percent."
    )
