"""`trsllava eval composed`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.cli.options import AsJson, Device, Encoder, Home, ImageEncoder, ReportFile, TrainedOn
from trsllava.cli.output import check_folder_of, write_lines
from trsllava.records import FusionName

if TYPE_CHECKING:
    from eval.composed import ComposedReport


def composed(
    images: Annotated[Path, typer.Option("--images", help="Folder that the paths in the queries are relative to.")],
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
            help="Weight of the text: 0 the picture alone, 1 the text alone; sweep tries 0, 0.05, … 1.  "
            "[default: 0.1; captions with captions 0.35; with --edit 1]",
        ),
    ] = None,
    pair: Annotated[
        str | None,
        typer.Option(
            "--pair",
            help="What the picture and the text are compared with: captions (dense) or pictures (image).  "
            "[default: image,image; with --edit dense,dense]",
        ),
    ] = None,
    edit: Annotated[
        bool, typer.Option("--edit", help="Treat texts as instructions for rewriting the picture's caption.")
    ] = False,
    fusion: Annotated[
        FusionName | None, typer.Option("--fusion", help="How scores are fused.  [default: cdf]")
    ] = None,
    captions: Annotated[
        Path | None,
        typer.Option(
            "--captions",
            help="Rank the images of these captions, in any layout of `eval retrieval`.  "
            "[default: every image of the folder]",
        ),
    ] = None,
    split: Annotated[str | None, typer.Option("--split", help="Of --captions.  [default: all]")] = None,
    trained_on: TrainedOn = "not stated",
    plot: Annotated[Path, typer.Option("--plot", help="Where to write the plot of a sweep (SVG).")] = Path(
        "composed-sweep.svg"
    ),
    output: ReportFile = None,
    as_json: AsJson = False,
    encoder: Encoder = None,
    image_encoder: ImageEncoder = None,
    device: Device = None,
    home: Home = None,
    collection: Annotated[
        str | None,
        typer.Option(
            "--collection",
            "-c",
            help="Use the captions and vectors of this collection.  [default: nano captions the images on the spot]",
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
    from eval.composed_archive import known_by_collection, known_on_the_spot
    from eval.datasets.composed_queries import archive_names, read_composed_queries
    from eval.recording import kept_report
    from trsllava.cli.parsing import parse_pair
    from trsllava.cli.progress import shown_progress
    from trsllava.config import load_settings
    from trsllava.search.composed import FUSION, default_pair, default_weight

    settings = load_settings(
        home=home, collection=collection, encoder=encoder, image_encoder=image_encoder, device=device
    )
    compared = parse_pair(pair) if pair else default_pair(edit)
    how = Composition(compared, edit, fusion or FUSION)
    if weight is None:
        weights: tuple[float, ...] = (default_weight(edit, compared),)
    else:
        weights = SWEEP if weight == "sweep" else (_number(weight),)
    if output is not None:
        check_folder_of(output)
    names = archive_names(images, captions, split)
    asked = read_composed_queries(queries, names)
    with shown_progress() as progress:
        if collection is not None:
            seen, encoders = known_by_collection(settings, images, names, how)
        else:
            seen, encoders = known_on_the_spot(settings, images, names, how, progress)
        report = evaluate_composed(
            asked, seen, encoders, how, weights, progress, split=split or "all", captioner_trained_on=trained_on
        )
    if report.sweep is not None:
        _draw(report.sweep, plot)
    if output is not None:
        files = {"queries": queries, "captions": captions}
        command = ("trsllava", *sys.argv[1:])
        done = kept_report(report, settings, files, images, names, seen.texts or (), command)
        write_lines(output, [done.write()])
    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        _print_tables(report)


def _number(weight: str) -> float:
    """Raises InputError for a weight that cannot be."""
    from trsllava.errors import InputError
    from trsllava.search.branches import check_weight

    try:
        number = float(weight)
    except ValueError:
        raise InputError(f"--weight expects a number from 0 to 1, or sweep, not {weight!r}.") from None
    check_weight(number)
    return number


def _draw(sweep: dict[str, float], plot: Path) -> None:
    from eval.chart import curve_file
    from trsllava.cli.output import write_lines

    points = {float(weight): mean for weight, mean in sweep.items()}
    write_lines(plot, [curve_file(points, "mAP, percent", "weight of the text")])
    print(f"mAP by weight plotted in {plot}", file=sys.stderr)


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
