"""`trsllava eval composed`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.cli.eval.recording import ReportFile, TrainedOn, kept
from trsllava.cli.options import Device, Encoder, Home, ImageEncoder
from trsllava.cli.output import check_folder_of, write_lines

if TYPE_CHECKING:
    from eval.composed import ComposedReport, Composition
    from eval.datasets.composed import ComposedSet
    from eval.known_images import KnownImages
    from indexer.progress import Progress
    from trsllava.config import Settings
    from trsllava.search.branches import Encoders


def composed(
    images: Annotated[Path, typer.Option("--images", help="Folder of the images; the paths of queries start here.")],
    queries: Annotated[
        Path,
        typer.Option(
            "--queries",
            help='JSON lines {"image", "text", "positives": […], "group": "attribute/value"}, or the folder '
            "PatternCom with color.csv, context.csv, density.csv, existence.csv, quantity.csv, shape.csv.",
        ),
    ],
    weight: Annotated[
        str | None,
        typer.Option(
            "--weight",
            metavar="0…1|sweep",
            help="Of the text: 0 the picture alone, 1 the text alone; sweep tries 0, 0.05, … 1.  "
            "[default: 0.15; with --edit 1]",
        ),
    ] = None,
    pair: Annotated[
        str | None,
        typer.Option(
            "--pair",
            help="What picture and text are compared with, captions (dense) or pictures (image).  "
            "[default: dense,dense]",
        ),
    ] = None,
    edit: Annotated[
        bool, typer.Option("--edit", help="Texts are instructions to rewrite the picture's caption by.")
    ] = False,
    fusion: Annotated[str | None, typer.Option("--fusion", help="rrf, zscore or cdf.  [default: cdf]")] = None,
    captions: Annotated[
        Path | None,
        typer.Option(
            "--captions",
            help="The archive is the images of these captions, in any layout of `eval retrieval`.  "
            "[default: every image of the folder]",
        ),
    ] = None,
    split: Annotated[str | None, typer.Option("--split", help="Of --captions.  [default: all]")] = None,
    trained_on: TrainedOn = "not stated",
    plot: Annotated[Path, typer.Option("--plot", help="Where a sweep draws mAP by weight, as SVG.")] = Path(
        "composed-sweep.svg"
    ),
    output: ReportFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    encoder: Encoder = None,
    image_encoder: ImageEncoder = None,
    device: Device = None,
    home: Home = None,
    collection: Annotated[
        str | None,
        typer.Option(
            "--collection",
            "-c",
            help="Take captions and vectors of this collection.  [default: nano captions the images on the spot]",
        ),
    ] = None,
) -> None:
    """Mean average precision of composed queries: a picture and a text rank the archive together.

    **Layout**

    `--queries FILE`: `{"image": "a.jpg", "text": "with boats", "positives": ["b.jpg"], "group": "harbor/boats"}`,
    a line a query. A query's own image is not ranked.

    PatternCom, as published: `PatternNet/images/airplane/airplane001.jpg …` and `PatternNet/PatternCom/color.csv …`
    with lines `airplane001.jpg,color,white`. A query's own image is ranked, as there.

    **Examples**

    `trsllava eval composed --images images --queries composed.jsonl --json`

    `trsllava eval composed --images images --queries composed.jsonl -c harbors --weight sweep --plot sweep.svg`

    `trsllava eval composed --images PatternNet/images --queries PatternNet/PatternCom --pair image,image`
    """
    from eval.composed import SWEEP, Composition, evaluate_composed
    from trsllava.cli.progress import shown_progress
    from trsllava.config import load_settings
    from trsllava.search.composed import FUSION, PAIR, text_weight
    from trsllava.search.conditions import parse_fusion, parse_pair

    settings = load_settings(
        home=home, collection=collection, encoder=encoder, image_encoder=image_encoder, device=device
    )
    how = Composition(parse_pair(pair) if pair else PAIR, edit, parse_fusion(fusion) if fusion else FUSION)
    weights = SWEEP if weight == "sweep" else (text_weight(_number(weight), edit),)
    if output is not None:
        check_folder_of(output)
    names = _archive(images, captions, split)
    asked = _asked(queries, names)
    with shown_progress() as progress:
        seen, encoders = _known(settings, images, names, how, collection is not None, progress)
        report = evaluate_composed(
            asked, seen, encoders, how, weights, progress, split=split or "all", captioner_trained_on=trained_on
        )
    if report.sweep is not None:
        _draw(report.sweep, plot)
    if output is not None:
        files = {"queries": queries, "captions": captions}
        write_lines(output, [kept(report, settings, files, images, names, seen.texts or ()).write()])
    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        _print_tables(report)


def _number(weight: str | None) -> float | None:
    """Raises InputError for a weight that cannot be."""
    from trsllava.errors import InputError
    from trsllava.search.branches import check_weight

    try:
        number = None if weight is None else float(weight)
    except ValueError:
        raise InputError(f"--weight wants a number from 0 to 1, or sweep, not {weight!r}.") from None
    check_weight(number)
    return number


def _archive(images: Path, captions: Path | None, split: str | None) -> list[str]:
    """The paths of the images that are ranked, within the folder. Raises InputError."""
    from eval.datasets.captioned import read_captioned
    from indexer.discover import check_folder, check_images
    from indexer.walk import FolderWalk

    check_folder(images)
    if captions is not None:
        return [image.image for image in read_captioned(captions, split)]
    check_images(images)
    return [path.relative_to(images).as_posix() for path in FolderWalk(images)]


def _asked(queries: Path, names: list[str]) -> ComposedSet:
    """A file of composed queries, or PatternCom's folder. Raises InputError that names what was looked for."""
    from eval.datasets import patterncom
    from eval.datasets.composed import LAYOUT, placed, read_composed
    from trsllava.errors import InputError

    if queries.is_dir():
        return patterncom.read_patterncom(queries, names)
    if not queries.exists():
        raise InputError(
            f"{queries} does not exist. --queries is a file with lines like {LAYOUT}, or {patterncom.LAYOUT}."
        )
    return placed(read_composed(queries), names)


def _known(
    settings: Settings, images: Path, names: list[str], how: Composition, of_collection: bool, progress: Progress
) -> tuple[KnownImages, Encoders]:
    """What is known of the archive's images, from the collection or made on the spot, and by which encoders."""
    from eval.known_images import KnownImages, describe, encode_captions, known_images
    from eval.pictures import picture_vectors
    from trsllava.archive import Archive
    from trsllava.encoders.bm25 import Bm25Encoder
    from trsllava.encoders.image_text import NANO, load_image_text_encoder
    from trsllava.encoders.text import load_text_encoder
    from trsllava.encoders.weights import DEFAULT_MODEL
    from trsllava.errors import InputError
    from trsllava.search.branches import Encoders

    bm25 = Bm25Encoder(1.0)  # composed queries have no words counted
    if of_collection:
        with Archive(settings) as archive:
            seen = known_images(archive, images, names)
            text, image = archive.encoder, archive.image_encoder
        if "image" in how.pair and seen.images is None:
            raise InputError(
                "This collection has no image vectors of every image. Compare captions: --pair dense,dense."
            )
        return seen, Encoders(text, bm25, None if image is None else lambda: image)
    key = settings.encoder_api_key
    text = load_text_encoder(
        settings.encoder or DEFAULT_MODEL,
        device=settings.device,
        base_url=settings.encoder_url,
        api_key=key.get_secret_value() if key else None,
    )
    looking = load_image_text_encoder(settings.image_encoder or NANO, device=settings.device, text_encoder=text)
    vectors = picture_vectors(looking, images, names, progress) if "image" in how.pair else None
    if "dense" not in how.pair and not how.edit:
        return KnownImages(tuple(names), vectors), Encoders(text, bm25, lambda: looking)
    texts = describe(images, names, progress)
    progress("encode documents", 0, len(texts))
    seen = KnownImages(tuple(names), vectors, texts, encode_captions(texts, text))
    return seen, Encoders(text, bm25, lambda: looking)


def _draw(sweep: dict[str, float], plot: Path) -> None:
    from eval.curve import draw_curve
    from trsllava.cli.output import write_lines

    points = {float(weight): mean for weight, mean in sweep.items()}
    write_lines(plot, [draw_curve(points, "mAP, percent", "weight of the text")])
    print(f"mAP by weight drawn to {plot}", file=sys.stderr)


def _print_tables(report: ComposedReport) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    figures = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    figures.add_column("group")
    figures.add_column("mAP, percent", justify="right")
    for group, value in report.groups.items():
        figures.add_row(group or "all", f"{value:.2f}")
    figures.add_row("mean over values, then attributes", f"{report.mAP:.2f}", style="bold")
    figures.add_row("mean over queries, then attributes", f"{report.mAP_over_queries:.2f}")

    how = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False)
    if report.sweep is not None:
        how.add_row("mAP by weight", ", ".join(f"{weight}: {mean:.2f}" for weight, mean in report.sweep.items()))
    chosen = ", best of these queries" if report.weight_chosen_on_these_queries else ""
    how.add_row("weight of the text", f"{report.weight:g}{chosen}")
    how.add_row("compared", f"picture with {report.pair[0]}, text with {report.pair[1]}")
    how.add_row("fusion", report.fusion + (", captions rewritten" if report.edit else ""))
    how.add_row("encoders", f"{report.encoder}; image {report.image_encoder}; documents {report.documents}")
    how.add_row(
        "trained on",
        f"captioner: {report.captioner_trained_on}; encoder: {report.encoder_trained_on}; "
        f"image encoder: {report.image_encoder_trained_on}",
    )
    how.add_row("split; oracle; transductive", f"{report.split}; {_told(report.oracle)}; {_told(report.transductive)}")
    how.add_row("queries, images", f"{report.n_queries:,}, {report.n_images:,}")
    how.add_row("own image is ranked", _told(report.own_image_ranks))
    console = Console()
    console.print(figures)
    console.print(how)


def _told(truth: bool) -> str:
    return "yes" if truth else "no"
