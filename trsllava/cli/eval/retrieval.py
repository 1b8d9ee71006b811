"""`trsllava eval retrieval`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.cli.eval.recording import Training, TrainSplit, leakage_of, recorded
from trsllava.cli.options import Collection, Device, Encoder, Home
from trsllava.cli.output import write_lines

if TYPE_CHECKING:
    from eval.datasets.captions import CaptionedImage
    from eval.report import RetrievalReport
    from trsllava.config import Settings
    from trsllava.encoders.protocol import TextEncoder
    from trsllava.records import RichText


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
    rich: Annotated[
        Path | None,
        typer.Option("--rich", help="Rich texts of the images, JSON lines.  [default: the collection's]"),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option("--images", help="Folder that image paths are relative to.  [default: the one indexed]"),
    ] = None,
    split: Annotated[
        str | None, typer.Option("--split", help="Split to measure on.  [default: test; val with --proxy]")
    ] = None,
    branches: Annotated[str | None, typer.Option("--branches", help="Comma-separated: dense,bm25.")] = None,
    queries: Annotated[
        str,
        typer.Option("--queries", metavar="human|FILE", help="Who asks: people, or rich texts of another model."),
    ] = "human",
    fusion: Annotated[str | None, typer.Option("--fusion", help="rrf, zscore or cdf.")] = None,
    weights: Annotated[str | None, typer.Option("--weights", help="As in dense=0.9,bm25=0.1.")] = None,
    proxy: Annotated[
        bool,
        typer.Option("--proxy", help="Without rich texts: first human captions are documents, the others queries."),
    ] = False,
    trained_on: Annotated[
        str, typer.Option("--trained-on", help="What the captioner was trained on; reported with the figures.")
    ] = "not stated",
    training: Training = None,
    train_split: TrainSplit = "train",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write a run file, for `eval report` and `eval compare`."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="What reports call the run.  [default: made of what was measured]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    encoder: Encoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """Recall at 1, 5 and 10, text to image and image to text, and their mean mR.

    Every human caption ranks all images of the split, and every image ranks all captions. Ties count by chance; the
    bounds say what luck could make of them.

    **Examples**

    `trsllava eval retrieval --captions captions.jsonl --rich rich.jsonl --branches dense`

    `trsllava eval retrieval --captions captions.jsonl --collection harbors --json`

    `trsllava eval retrieval --captions captions.jsonl --rich rich.jsonl --training captions.jsonl -o run.json`

    `trsllava eval retrieval --captions captions.jsonl --proxy --fusion cdf --weights dense=0.9,bm25=0.1`
    """
    from eval.retrieval import Scoring, evaluate_retrieval
    from eval.scores import TEXT_BRANCHES
    from trsllava.cli.progress import shown_progress
    from trsllava.config import load_settings
    from trsllava.errors import InputError
    from trsllava.search.conditions import parse_branches, parse_fusion, parse_weights

    if proxy and (rich is not None or queries != "human"):
        raise InputError("--proxy makes documents and queries of the human captions: leave out --rich and --queries.")
    settings = load_settings(
        home=home,
        collection=collection,
        encoder=encoder,
        device=device,
        branches=tuple(dict.fromkeys(parse_branches(branches))) if branches else None,
        fusion=parse_fusion(fusion) if fusion else None,
        weights=parse_weights(weights) if weights else None,
    )
    split = split or ("val" if proxy else "test")
    asked = _asked(captions, split, images)
    if proxy:
        from eval.proxy import proxy_task

        task, trained_on = proxy_task(asked), "nothing: people wrote the documents"
    else:
        from eval.task import human_task, rich_text_task
        from trsllava.captioners.imported import read_rich_texts

        documents = read_rich_texts(rich) if rich is not None else _of_collection(settings, images)
        if queries == "human":
            task = human_task(asked, documents)
        else:
            task = rich_text_task(asked, documents, read_rich_texts(Path(queries)))
    with shown_progress() as progress:
        measured = evaluate_retrieval(
            task,
            _encoder(settings, of_collection=rich is None and not proxy),
            Scoring(settings.branches or TEXT_BRANCHES, settings.fusion, settings.weights),
            split=split,
            captioner_trained_on=trained_on,
            progress=progress,
        )
        leakage = leakage_of(task, training, train_split, images, progress) if training else None
    if output is not None:
        files = {
            "captions": captions,
            "rich texts": rich,
            "queries": None if queries == "human" else Path(queries),
            "training captions": training,
        }
        run = recorded(task, measured, settings, asked, files, images, leakage, name)
        write_lines(output, [run.write()])
    if as_json:
        print(measured.report.model_dump_json(indent=2))
        return
    _print_tables(measured.report)
    for sentence in leakage.told() if leakage else ():
        print(sentence)


def _asked(captions: Path, split: str, images: Path | None) -> list[CaptionedImage]:
    """The captioned images of a split. Raises InputError where one of them is not in the folder of images."""
    from eval.datasets.captioned import read_captioned
    from trsllava.errors import InputError

    asked = read_captioned(captions, split)
    missing = [image.image for image in asked if images is not None and not (images / image.image).is_file()]
    if missing:
        raise InputError(
            f"{len(missing)} of {len(asked)} images of {captions} are not in {images}, the first is {missing[0]}. "
            "Name the folder that their paths are relative to with --images."
        )
    return asked


def _of_collection(settings: Settings, images: Path | None) -> dict[str, RichText]:
    from eval.datasets.collection import collection_documents
    from trsllava.archive import Archive

    with Archive(settings) as archive:
        return collection_documents(archive, images)


def _encoder(settings: Settings, *, of_collection: bool) -> TextEncoder:
    """The encoder that the settings name; else the collection's own where that is measured, else the default."""
    from trsllava.archive import Archive
    from trsllava.encoders.text import load_text_encoder
    from trsllava.encoders.weights import DEFAULT_MODEL

    if of_collection:
        with Archive(settings) as archive:
            return archive.encoder
    key = settings.encoder_api_key
    return load_text_encoder(
        settings.encoder or DEFAULT_MODEL,
        device=settings.device,
        base_url=settings.encoder_url,
        api_key=key.get_secret_value() if key else None,
    )


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
    how.add_row("encoder", report.encoder)
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
