"""`trsllava sample`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def sample(
    folder: Annotated[Path, typer.Argument(help="Where to draw; must be empty or new.")],
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws other pictures.")] = 0,
    count: Annotated[int, typer.Option("--count", min=1, max=10_000, help="Number of pictures.")] = 60,
) -> None:
    """Draw a small archive of overhead scenes, some georeferenced, each with true captions.

    **Example**: `trsllava sample ./images` and then `trsllava index ./images`
    """
    from trsllava.sample.archive import draw_archive

    draw_archive(folder, seed=seed, count=count)
    print(f"{count} pictures and their captions drawn in {folder}")
    print(f"Next: trsllava index {folder}")
