"""`trsllava duplicates`."""

from __future__ import annotations

from typing import Annotated

import typer

from trsllava.cli.options import Collection, Home


def duplicates(
    distance: Annotated[
        int | None,
        typer.Option(
            "--distance", min=0, max=64, help="Most bits, of 256, that may differ.  [default: 12]", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: a list of groups of ids and files.")] = False,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """List groups of near-duplicate pictures, by perceptual hash.

    `trsllava index … --dedupe` captions each group once.

    **Example**: `trsllava duplicates --distance 8`
    """
    import json

    import trsllava
    from trsllava.cli.progress import shown_progress

    with trsllava.open(home, collection) as archive, shown_progress() as progress:
        groups = archive.duplicates(distance, progress=progress)
    if as_json:
        print(json.dumps([[{"id": str(r.tile.id), "paths": r.paths} for r in group] for group in groups], indent=2))
        return
    for number, group in enumerate(groups, start=1):
        print(f"group {number}: {len(group)} tiles")
        for record in group:
            print(f"  {record.tile.id}  {record.paths[0] if record.paths else '(no file)'}")
    print(f"{len(groups)} groups, {sum(map(len, groups)) - len(groups)} redundant tiles.")
