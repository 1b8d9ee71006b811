"""`trsllava collections`."""

from __future__ import annotations

from typing import Annotated

import typer

from trsllava.cli.options import Home, QdrantUrl

app = typer.Typer(help="List, compact and delete collections.", no_args_is_help=True, rich_markup_mode="markdown")


@app.command("list")
def list_collections(home: Home = None) -> None:
    """List the collections of the home folder.

    **Example**: `trsllava collections list`
    """
    import trsllava
    from trsllava.archive import collections
    from trsllava.config import load_settings

    found = collections(load_settings(home=home).home)
    if not found:
        print("No collection yet. Create one with `trsllava index FOLDER`.")
    for name in found:
        with trsllava.open(home, name) as archive:
            print(f"{name}: {sum(archive.status().tiles.values())} tiles")


@app.command("compact")
def compact(
    name: Annotated[str, typer.Argument(help="The collection.")],
    home: Home = None,
) -> None:
    """Delete the captions kept of removed images, and shrink the ledger.

    Until then, an image that comes back needs no new caption.

    **Example**: `trsllava collections compact harbors`
    """
    import trsllava

    with trsllava.open(home, name) as archive:
        forgotten = archive.compact()
    print(f"Forgot the captions of {forgotten} removed tiles.")


@app.command("delete")
def delete(
    name: Annotated[str, typer.Argument(help="The collection.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    home: Home = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Delete a collection: its captions, vectors and ledger. The images stay.

    **Example**: `trsllava collections delete harbors --yes`
    """
    import trsllava

    with trsllava.open(home, name, qdrant_url=qdrant_url) as archive:
        tiles = sum(archive.status().tiles.values())
        if not yes:
            typer.confirm(f"Delete collection {name} with the captions of {tiles} tiles?", abort=True)
        archive.delete()
    print(f"Deleted {name}.")
