"""`trsllava eval retrieval`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    RichTexts,
    TrainedOn,
    Training,
    TrainSplit,
)
from trsllava.cli.output import check_folder_of, write_lines

if TYPE_CHECKING:
    from eval.report import RetrievalReport


def retrieval(
    captions: Annotated[
        Path,
        typer.Option(
            "--captions",
            help='Human captions: JSON lines {"image", "split", "captions": […]}; .json as of RSICD, RSITMD, UCM, '
            'Sydney {"images": [{"filename", "split", "sentences": [{"raw"}]}]} or of NWPU-Captions; .csv '
            "(image,split,caption…); or a *_precomp folder (test_caps.txt, test_filename.txt).",
        ),
    ],
    rich: RichTexts = None,
    images: MeasuredImages = None,
    split: Annotated[
        str | None, typer.Option("--split", help="Split to measure on.  [default: test; val with --proxy]")
    ] = None,
    branches: MeasuredBranches = None,
    queries: Annotated[
        str,
        typer.Option(
            "--queries", metavar="human|FILE", help="Queries: human captions, or a file of another model's rich texts."
        ),
    ] = "human",
    fusion: Fusion = None,
    weights: MeasuredWeights = None,
    rescore: Annotated[
        str | None,
        typer.Option(
            "--rescore",
            metavar="NAME[:NUMBER]",
            help="Correct for hubs: inverted-softmax or qb-norm (number: temperature), csls (neighbours), which need "
            "a --bank, or resort (depth; transductive).",
        ),
    ] = None,
    bank: Annotated[
        str | None,
        typer.Option(
            "--bank",
            metavar="FILE[:SPLIT]",
            help="Captioned images by which hubs are recognised, as in captions.jsonl:train; none may be measured.",
        ),
    ] = None,
    bank_size: Annotated[
        int | None,
        typer.Option("--bank-size", min=1, help="Images drawn from the bank.  [default: 2000]", show_default=False),
    ] = None,
    proxy: Annotated[
        bool,
        typer.Option(
            "--proxy", help="Measure without rich texts: first human captions are documents, the others queries."
        ),
    ] = False,
    trained_on: TrainedOn = "not stated",
    training: Training = None,
    train_split: TrainSplit = "train",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write a run file, for `eval report` and `eval compare`."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", help="Name of the run in reports.  [default: composed of what was measured]"),
    ] = None,
    as_json: AsJson = False,
    encoder: Encoder = None,
    image_encoder: ImageEncoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """Recall at 1, 5 and 10, text to image and image to text, and their mean mR.

    Every human caption ranks all images of the split, and every image ranks all captions. Ties count as if
    broken at random; the bounds break them in the worst and in the best way. The branch image compares captions with
    the pictures themselves: those of --images, or the collection's vectors.

    **Examples**

    `trsllava eval retrieval --captions captions.jsonl --rich rich.jsonl --branches dense`

    `trsllava eval retrieval --captions captions.jsonl --collection harbors --json`

    `trsllava eval retrieval --captions captions.jsonl --rich rich.jsonl --training captions.jsonl -o run.json`

    `trsllava eval retrieval --captions captions.jsonl --images images --branches image`

    `trsllava eval retrieval --captions captions.jsonl --images images --rich rich.jsonl --branches dense,image
    --weights dense=1,image=0.5 --rescore inverted-softmax --bank captions.jsonl:train`

    `trsllava eval retrieval --captions captions.jsonl --proxy --fusion cdf --weights dense=0.9,bm25=0.1`
    """
    from eval.bank import BANK_IMAGES, BANK_SEED, bank_named, caption_bank, check_bank, draw_bank, read_bank
    from eval.datasets.captioned import read_pictured
    from eval.encoders import image_encoder_of, without_collection
    from eval.leakage import leakage_of, read_training
    from eval.pictures import PictureSource
    from eval.recording import recorded_run
    from eval.rescoring import parse_rescoring
    from eval.retrieval import evaluate_retrieval, scoring_of
    from eval.scores import TEXT_BRANCHES
    from eval.task import collection_or_file_task
    from trsllava.archive import Archive
    from trsllava.cli.parsing import parse_branches
    from trsllava.cli.progress import shown_progress
    from trsllava.config import load_settings
    from trsllava.errors import InputError
    from trsllava.search.conditions import as_weights

    if proxy and (rich is not None or queries != "human"):
        raise InputError("--proxy makes documents and queries of the human captions: leave out --rich and --queries.")
    of_collection = rich is None and not proxy
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
    scoring = scoring_of(settings, parse_rescoring(rescore) if rescore else None)
    check_bank(scoring.rescoring, bank)
    if output is not None:
        check_folder_of(output)
    split = split or ("val" if proxy else "test")
    asked = read_pictured(captions, split, images)
    learnt = read_training(training, train_split, captions, asked) if training else []
    there = read_bank(bank, asked) if bank else []
    banked = draw_bank(there, bank_size or BANK_IMAGES)
    seeds = {"bank": BANK_SEED} if len(banked) < len(there) else {}
    with (
        Archive(settings if of_collection else without_collection(settings)) as archive,
        shown_progress() as progress,
    ):
        if proxy:
            from eval.proxy import proxy_task

            task, trained_on = proxy_task(asked), "nothing: people wrote the documents"
        else:
            asking = None if queries == "human" else Path(queries)
            task = collection_or_file_task(asked, archive, rich, images, asking, scoring.branches)
        words = any(branch in TEXT_BRANCHES for branch in scoring.branches)
        pictures = bank_pictures = None
        if "image" in scoring.branches:
            source = PictureSource(
                image_encoder_of(archive), images, archive if of_collection and archive.exists() else None, progress
            )
            pictures = source.pictures(task.images)
            bank_pictures = source.pictures([image.image for image in banked]) if banked else None
        leakage = leakage_of(task, learnt, (training, train_split), images, progress) if training else None
        measured = evaluate_retrieval(
            task,
            archive.encoder if words else None,
            scoring,
            split=split,
            pictures=pictures,
            bank=caption_bank(banked, bank_pictures, Path(bank).name) if bank else None,
            captioner_trained_on=trained_on,
            progress=progress,
        )
    if output is not None:
        files = {
            "captions": captions,
            "rich texts": rich,
            "queries": None if queries == "human" else Path(queries),
            "training captions": training,
            "bank": bank_named(bank)[0] if bank else None,
        }
        command = ("trsllava", *sys.argv[1:])
        run = recorded_run(task, measured, settings, asked, files, seeds, images, leakage, name, command)
        write_lines(output, [run.write()])
    if as_json:
        print(measured.report.model_dump_json(indent=2))
        return
    _print_tables(measured.report)
    for sentence in leakage.told() if leakage else ():
        print(sentence)


def _print_tables(report: RetrievalReport) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    figures = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    figures.add_column("percent")
    for name in ("ties at random", "all ties lost", "all ties won"):
        figures.add_column(name, justify="right")
    bounds = report.bounds
    for way in ("t2i", "i2t"):
        for recall, value in getattr(report, way).items():
            others = (getattr(figure, way)[recall] for figure in (bounds.pessimistic, bounds.optimistic))
            figures.add_row(f"{way.upper()} {recall}", *(f"{number:.2f}" for number in (value, *others)))
    means = (report.mR, bounds.pessimistic.mR, bounds.optimistic.mR)
    figures.add_row("mR", *(f"{number:.2f}" for number in means), style="bold")

    how = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False)
    how.add_row("branches", ", ".join(f"{name} (weight {weight:g})" for name, weight in report.weights.items()))
    how.add_row("fusion", report.fusion or "none, one branch")
    how.add_row("rescoring", report.rescoring or "none")
    how.add_row("encoder", report.encoder or "none")
    how.add_row("image encoder", report.image_encoder or "none")
    for name, value in report.protocol.model_dump().items():
        how.add_row(name.removeprefix("n_").replace("_", " "), _shown(value))
    console = Console()
    console.print(figures)
    console.print(how)


def _shown(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.2f}"
        case _:
            return str(value)
