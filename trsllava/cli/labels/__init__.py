"""`trsllava labels`: trees of labels."""

from __future__ import annotations

import typer

from trsllava.cli.labels import edits, plans, trees

app = typer.Typer(
    help="Label trees: check, extend, clean up and compare them, and filter a collection by one.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
app.command("schema")(trees.schema)
app.command("new")(trees.new)
app.command("show")(trees.show)
app.command("find")(trees.find)
app.command("check")(trees.check)
app.command("diff")(trees.diff)
app.command("plan")(plans.plan)
app.command("consolidate")(plans.consolidate)
app.command("apply")(plans.apply)
app.command("add")(edits.add)
app.command("merge")(edits.merge)
app.command("move")(edits.move)
app.command("rename")(edits.rename)
app.command("remove")(edits.remove)
app.command("apart")(edits.apart)
app.command("log")(edits.log)
app.command("undo")(edits.undo)
app.command("map")(trees.map_labels)
app.command("use")(trees.use)
