"""`trsllava eval dialogue`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trsllava.cli.options import AsJson, Collection, Device, Encoder, Home, RichTexts
from trsllava.cli.output import check_folder_of, write_lines

if TYPE_CHECKING:
    from eval.dialogue.report import DialogueReport, Interval


def dialogue(
    captions: Annotated[
        Path,
        typer.Option("--captions", help="Human captions, in any layout of `eval retrieval`: what the users know."),
    ],
    images: Annotated[Path, typer.Option("--images", help="Folder that image paths are relative to.")],
    rich: RichTexts = None,
    split: Annotated[
        str | None, typer.Option("--split", help="Split to measure on.  [default: test; val with --proxy]")
    ] = None,
    proxy: Annotated[
        bool,
        typer.Option(
            "--proxy", help="Measure without rich texts: an image's first caption is indexed, users know the others."
        ),
    ] = False,
    methods: Annotated[
        str,
        typer.Option(
            "--methods",
            metavar="NAME+NAME…",
            help="rewriting, random, chatir, plugir, dir; `dir, random questions` and `dir, captions alone` take DIR "
            "apart.  [default: all]",
        ),
    ] = "",
    answers: Annotated[
        Literal["texts", "nano"],
        typer.Option("--answers", help="Who answers: the users' captions, or nano, which sees the picture."),
    ] = "texts",
    answering: Annotated[
        Path | None,
        typer.Option(
            "--answering", help="With `--answers nano`: folder of another training run's nano.  [default: the shipped]"
        ),
    ] = None,
    wrong: Annotated[float, typer.Option("--wrong", min=0, max=1, help="Share of answers that are wrong.")] = 0.0,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Questions to each user.")] = 5,
    seed: Annotated[int, typer.Option("--seed", help="Of the methods that draw.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the report as JSON, with everything needed to repeat it."),
    ] = None,
    runs: Annotated[
        Path | None,
        typer.Option("--runs", help="Folder for run files of the last round, for `eval report` and `eval compare`."),
    ] = None,
    as_json: AsJson = False,
    encoder: Encoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """How far a dialogue brings up the image that is looked for: recall, hits and BRI by round.

    Every image is looked for by a simulated user, who begins with the shortest text that is known of it and answers
    questions by the others. What all of these texts find at once is the yardstick.

    **Examples**

    `trsllava eval dialogue --captions captions.jsonl --images images --rich rich.jsonl`

    `trsllava eval dialogue --captions captions.jsonl --images images --proxy --methods random+dir --wrong 0.1`

    `trsllava eval dialogue --captions captions.jsonl --images images --rich rich.jsonl --answers nano -o nano.json`
    """
    from eval.datasets.captioned import read_pictured
    from eval.dialogue.methods import chosen_methods
    from eval.dialogue.recording import dialogue_runs, kept_dialogue
    from eval.dialogue.setting import measured_dialogues
    from eval.encoders import without_collection
    from trsllava.archive import Archive
    from trsllava.cli.progress import shown_progress
    from trsllava.config import load_settings
    from trsllava.errors import InputError, Parameter

    if proxy and rich is not None:
        raise InputError("--proxy makes documents of the human captions: leave out --rich.")
    if answering is not None and answers != "nano":
        raise InputError(
            Parameter("answering"), " names a network that answers; add ", Parameter("answers", "nano"), "."
        )
    if output is not None:
        check_folder_of(output)
    if runs is not None and runs.exists() and not runs.is_dir():
        raise InputError(Parameter("runs"), f" is a folder, and {runs} is a file. Name another.")
    asking = chosen_methods(methods, rounds, seed)
    settings = load_settings(home=home, collection=collection, encoder=encoder, device=device)
    split = split or ("val" if proxy else "test")
    asked = read_pictured(captions, split, images)
    of_collection = rich is None and not proxy
    with (
        Archive(settings if of_collection else without_collection(settings)) as archive,
        shown_progress() as progress,
    ):
        measured, task = measured_dialogues(
            asked,
            archive,
            asking,
            split=split,
            images=images,
            rich=rich,
            proxy=proxy,
            answers=answers,
            answering=answering,
            wrong=wrong,
            rounds=rounds,
            progress=progress,
        )
    command = ("trsllava", *sys.argv[1:])
    files = {"captions": captions, "rich texts": rich}
    if output is not None:
        write_lines(output, [kept_dialogue(measured.report, settings, files, images, task, command).write()])
    if runs is not None:
        runs.mkdir(parents=True, exist_ok=True)
        for name, run in dialogue_runs(measured, task, settings, files, images, seed, command).items():
            write_lines(runs / f"{name.replace(', ', '-').replace(' ', '-')}.json", [run.write()])
    if as_json:
        print(measured.report.model_dump_json(indent=2))
    else:
        _print_tables(measured.report)


def _print_tables(report: DialogueReport) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    rounds = range(len(report.methods[0].rounds))
    for figure, told in (
        ("R@1", "R@1"),
        ("R@5", "R@5"),
        ("R@10", "R@10"),
        ("Hits@10", "Hits@10 so far"),
        ("mR", "mR"),
    ):
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column(f"{told}, percent, by round")
        for number in rounds:
            table.add_column(f"{number}", justify="right")
        for method in report.methods:
            values = [
                row.mR if figure == "mR" else row.recall.get(figure, row.hits.get(figure, 0.0))
                for row in method.rounds
            ]
            table.add_row(method.name, *(f"{value:.2f}" for value in values))
        console.print(table)
    costs = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("method", "BRI", "rounds to the first ten", "never", "questions", "ms a round", "share of the gain"):
        costs.add_column(name, justify="left" if name == "method" else "right")
    for method in report.methods:
        spent = [row.seconds for row in method.rounds[1:]]
        costs.add_row(
            method.name,
            f"{method.bri:.3f}",
            "" if method.found_by is None else f"{method.found_by:.2f}",
            f"{method.never_found:.1f} %",
            f"{method.rounds[-1].questions:.2f}",
            f"{1000 * sum(spent) / len(spent):.1f}",
            _told(report.share_of_gain[method.name], " %"),
        )
    console.print(costs)
    for difference in report.differences:
        if difference.figure == "R@10" and difference.round == rounds[-1]:
            console.print(
                f"{difference.method} is {_told(difference.gain, '')} points of R@10 ahead of {difference.over}."
            )
    asked = sum(sum(method.answers.values()) for method in report.methods)
    in_vain = sum(method.in_vain for method in report.methods)
    console.print(f"Of {asked:,} questions {in_vain} were asked twice, told already or about what no candidate has.")
    console.print(
        f"Yardstick: R@10 {report.shortest['R@10']:.2f} with the first query, {report.all_captions['R@10']:.2f} with "
        f"all that users know at once. Answered by: {report.answered_by}; wrong {report.wrong:.0%}. Documents: "
        f"{report.documents}; {report.encoder}; {report.image_encoder}; {report.split}, {report.n_images} images."
    )


def _told(interval: Interval, unit: str) -> str:
    return f"{interval.mean:.1f}{unit} ({interval.low:.1f} to {interval.high:.1f})"
