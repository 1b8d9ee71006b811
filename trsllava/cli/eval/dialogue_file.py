"""`trsllava eval dialogue-file`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trsllava.cli.options import (
    AsJson,
    Collection,
    Device,
    Encoder,
    Home,
    ImageEncoder,
    MeasuredBranches,
    MeasuredImages,
    RichTexts,
)
from trsllava.cli.output import check_folder_of, write_lines

if TYPE_CHECKING:
    from eval.dialogue.ready import ReadyReport


def dialogue_file(
    file: Annotated[
        Path,
        typer.Argument(
            help='Dialogues as ChatIR and PlugIR publish them: JSON like [{"img": "a.jpg", "dialog": ["a harbor", '
            '"are there boats? yes, many", …]}].',
            show_default=False,
        ),
    ],
    rich: RichTexts = None,
    images: MeasuredImages = None,
    turns: Annotated[
        Literal["appended", "whole"] | None,
        typer.Option(
            "--turns",
            help="What an entry is: something more to know, or a whole caption.  [default: whole for a file named "
            "…_reconed, else appended]",
        ),
    ] = None,
    branches: MeasuredBranches = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the figures as JSON.")] = None,
    as_json: AsJson = False,
    encoder: Encoder = None,
    image_encoder: ImageEncoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """How far ready-made dialogues bring up the images that they are about: recall, hits and BRI by round.

    All images with a rich text are searched, those that no dialogue is about as well.

    **Examples**

    `trsllava eval dialogue-file ChatGPT_BLIP2.json --rich captions.jsonl`

    `trsllava eval dialogue-file chat_reconed.json --rich captions.jsonl --images images --branches dense,bm25,image`
    """
    from eval.datasets.collection import collection_documents
    from eval.datasets.dialogues import read_dialogues, turns_of
    from eval.dialogue.ready import measure_ready, targets_of
    from eval.encoders import image_encoder_of, without_collection
    from eval.pictures import PictureSource
    from eval.retrieval import scoring_of
    from eval.scores import TEXT_BRANCHES, Gallery
    from trsllava.archive import Archive
    from trsllava.captioners.imported import read_rich_texts
    from trsllava.cli.parsing import parse_branches
    from trsllava.cli.progress import shown_progress
    from trsllava.config import load_settings

    settings = load_settings(
        home=home,
        collection=collection,
        encoder=encoder,
        image_encoder=image_encoder,
        device=device,
        branches=parse_branches(branches) if branches else None,
    )
    scoring = scoring_of(settings)
    if output is not None:
        check_folder_of(output)
    dialogues = read_dialogues(file)
    with (
        Archive(settings if rich is None else without_collection(settings)) as archive,
        shown_progress() as progress,
    ):
        documents = collection_documents(archive, images) if rich is None else read_rich_texts(rich)
        names = list(documents)
        targets = targets_of(dialogues, names, rich or settings.home)
        pictures = None
        if "image" in scoring.branches:
            own = archive if rich is None else None
            pictures = PictureSource(image_encoder_of(archive), images, own, progress).pictures(names)
        report = measure_ready(
            dialogues,
            turns or turns_of(file),
            targets,
            Gallery(tuple(documents.values()), pictures),
            scoring,
            archive.encoder if any(branch in TEXT_BRANCHES for branch in scoring.branches) else None,
            progress,
        )
    if output is not None:
        write_lines(output, [report.model_dump_json() + "\n"])
    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        _print_table(report)


def _print_table(report: ReadyReport) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    figures = [*report.rounds[0].recall, *report.rounds[0].hits]
    for name in ("round", *figures):
        table.add_column(name, justify="right")
    for row in report.rounds:
        table.add_row(f"{row.round}", *(f"{(row.recall | row.hits)[figure]:.2f}" for figure in figures))
    console = Console()
    console.print(table)
    area = "" if report.bri is None else f" BRI {report.bri:.3f};"
    console.print(
        f"R@K of the round alone, Hits@K so far, percent;{area} {report.n_dialogues} dialogues, {report.n_images} "
        f"images; turns {report.turns}; documents: {report.documents}; {', '.join(report.branches)}."
    )
