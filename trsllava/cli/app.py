"""All commands in one tree."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from trsllava.cli import (
    batch,
    chat,
    collections,
    dataset,
    dialogue,
    doctor,
    duplicates,
    export,
    index,
    inspect,
    keys,
    labels,
    mcp,
    quarantine,
    query,
    reindex,
    review,
    sample,
    serve,
    serve_vlm,
    train,
)
from trsllava.cli import eval as evaluation

app = typer.Typer(
    name="trsllava",
    help="Find images in remote-sensing archives by describing them.\n\n"
    "Start with `trsllava sample ./images`, `trsllava index ./images`, "
    '`trsllava query "harbor with cranes"`.',
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trsllava {version('trsllava')}")
        raise typer.Exit


@app.callback()
def _main(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options of `trsllava` itself; each command has its own."""


app.command("index")(index.index)
app.command("query")(query.query)
app.command("chat")(chat.chat)
app.command("show")(inspect.show)
app.command("status")(inspect.status)
app.command("export")(export.export)
app.command("reindex")(reindex.reindex)
app.command("doctor")(doctor.doctor)
app.command("duplicates")(duplicates.duplicates)
app.command("sample")(sample.sample)
app.command("serve")(serve.serve)
app.command("mcp")(mcp.mcp)
app.command("serve-vlm")(serve_vlm.serve_vlm)
app.add_typer(batch.app, name="batch")
app.add_typer(collections.app, name="collections")
app.add_typer(dialogue.app, name="dialogue")
app.add_typer(dataset.app, name="dataset")
app.add_typer(keys.app, name="keys")
app.add_typer(labels.app, name="labels")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(review.app, name="review")
app.add_typer(evaluation.app, name="eval")
app.add_typer(train.app, name="train")
