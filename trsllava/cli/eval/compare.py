"""`trsllava eval compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.cli.options import AsJson

if TYPE_CHECKING:
    from eval.comparison import Comparison


def compare(
    first: Annotated[Path, typer.Argument(help="Run file of `eval retrieval … --output`.", show_default=False)],
    second: Annotated[Path, typer.Argument(help="Another run file, of the same task.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Test whether two runs differ significantly, in mR and in each recall.

    Intervals: paired bootstrap over images, drawn with all their texts. p: paired randomisation test, the two runs'
    outcomes swapped image by image. The runs must ask the same queries of the same images.

    **Examples**

    `trsllava eval compare dense.json hybrid.json`

    `trsllava eval compare dense.json hybrid.json --json`
    """
    from eval.comparison import compare_runs
    from eval.run import read_run

    comparison = compare_runs(read_run(first), read_run(second))
    if as_json:
        print(comparison.model_dump_json(indent=2))
    else:
        _print(comparison)


def _print(comparison: Comparison) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from eval.comparison import shown_p

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("percent")
    for name in ("first", "second", "gain", "95 % interval", "p"):
        table.add_column(name, justify="right")
    for figure in (*comparison.figures, comparison.mean):
        table.add_row(
            figure.figure,
            f"{figure.first:.2f}",
            f"{figure.second:.2f}",
            f"{figure.gain:+.2f}",
            f"{figure.low:+.2f} to {figure.high:+.2f}",
            shown_p(figure.p),
            style="bold" if figure is comparison.mean else None,
        )
    Console().print(table)
    print(comparison.sentence())
