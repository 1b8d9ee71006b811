"""`trsllava eval report`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from trsllava.cli.output import write_lines

_SIDE = 256
"""Longest side of a picture on the page, in pixels."""


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Files of `eval retrieval … --output` and `eval labels … --output`.", show_default=False),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for report.md and report.html.")] = Path("."),
    images: Annotated[
        Path | None,
        typer.Option("--images", help="Folder that image paths are relative to: pictures of the worst queries."),
    ] = None,
) -> None:
    """Write a report of runs: report.md, and report.html, a self-contained page.

    Runs of the same task share a table with published figures for the same data set and kind of query; human,
    rich-text and dialogue queries are never mixed. The report shows significance, classes, curves, the worst queries,
    and how it was measured. Measurements by shared labels have tables of their own.

    **Examples**

    `trsllava eval report dense.json hybrid.json --images images -o report`

    `trsllava eval report run.json`
    """
    from eval.kept import label_report_in
    from eval.publishing.markdown import markdown_report
    from eval.publishing.page import html_report, pictures_of
    from eval.publishing.sections import sections
    from eval.publishing.shared_labels import label_sections
    from eval.run import read_run
    from trsllava.errors import InputError

    kept = {path: label_report_in(path) for path in runs}
    tasks = sections([read_run(path) for path, labels in kept.items() if labels is None])
    shared = label_sections([labels for labels in kept.values() if labels is not None])
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{output} cannot be made a folder: {error.strerror}.") from error
    pictures = _pictures(images, pictures_of(tasks)) if images is not None else {}
    write_lines(output / "report.md", [markdown_report(tasks, shared)])
    write_lines(output / "report.html", [html_report(tasks, pictures, shared)])
    print(f"{output / 'report.md'} and {output / 'report.html'}: {len(runs)} runs, {len(tasks) + len(shared)} tasks.")


def _pictures(folder: Path, names: Sequence[str]) -> dict[str, bytes | str]:
    """Each picture, or the reason why there is none."""
    from trsllava.errors import ImageError
    from trsllava.raster.scene import size_of, thumbnail
    from trsllava.records import Rendering, Window

    found: dict[str, bytes | str] = {}
    for name in names:
        path = folder / name
        try:
            found[name] = thumbnail(path, Window(0, 0, *size_of(path)), Rendering(), _SIDE)
        except ImageError as error:
            found[name] = str(error)
    return found
