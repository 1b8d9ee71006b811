"""Arguments of several label commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Tree = Annotated[str, typer.Argument(help="A tree's file, or overhead, which comes with trsllava.")]
TreeFile = Annotated[Path, typer.Argument(help="A tree's file.", show_default=False)]
LabelName = Annotated[str, typer.Argument(help="A label, by its name or a synonym.", show_default=False)]
