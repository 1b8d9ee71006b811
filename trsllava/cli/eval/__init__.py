"""`trsllava eval`: figures that can be put beside published ones."""

from __future__ import annotations

import typer

from trsllava.cli.eval import compare, composed, dialogue, dialogue_file, labels, leakage, report, retrieval

app = typer.Typer(
    help="Measure retrieval in a way comparable with published results.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@app.callback()
def _group() -> None:
    """Measure retrieval in a way comparable with published results."""


app.command("retrieval")(retrieval.retrieval)
app.command("composed")(composed.composed)
app.command("dialogue")(dialogue.dialogue)
app.command("dialogue-file")(dialogue_file.dialogue_file)
app.command("labels")(labels.labels)
app.command("report")(report.report)
app.command("compare")(compare.compare)
app.command("leakage")(leakage.leakage)
