"""`trsllava eval`: figures that can be put beside published ones."""

from __future__ import annotations

import typer

from trsllava.cli.eval import composed, retrieval

app = typer.Typer(
    help="Measure retrieval on a data set with human captions.", no_args_is_help=True, rich_markup_mode="markdown"
)


@app.callback()
def _group() -> None:
    """Measure retrieval on a data set with human captions."""


app.command("retrieval")(retrieval.retrieval)
app.command("composed")(composed.composed)
