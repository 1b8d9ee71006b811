"""`trsllava quarantine`: answers that could not be used."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from trsllava.cli.options import Collection, Home, QdrantUrl
from trsllava.records import Reason

if TYPE_CHECKING:
    from trsllava.archive import Archive

app = typer.Typer(
    help="List answers that could not be used, request them again, or accept them as they are.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
ReasonChoice = StrEnum("ReasonChoice", [(name, name) for names in get_args(Reason) for name in get_args(names)])  # type: ignore[misc]
"""Why tiles are put into quarantine."""
Check = Annotated[ReasonChoice | None, typer.Option("--check", help="Only tiles that this check rejected.")]


@app.command("list")
def list_quarantined(
    check: Check = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, raw answers included.")] = False,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """List quarantined tiles with the check that refused them, the reason and the file.

    **Example**: `trsllava quarantine list --check compass`
    """
    import json

    import trsllava

    with trsllava.open(home, collection) as archive:
        records = list(archive.quarantined(check))
    if as_json:
        fields = {"attempts", "error", "raw_answer", "refusals", "paths"}
        print(
            json.dumps(
                [{"id": str(r.tile.id), **r.model_dump(mode="json", include=fields)} for r in records], indent=2
            )
        )
        return
    for record in records:
        print(f"{record.tile.id}  {next(iter(record.refusals[-1:]), 'unknown')}, {record.attempts} attempts")
        print(f"  {record.error}")
        for path in record.paths[:1]:
            print(f"  {path}")
    print(f"{len(records)} quarantined. `trsllava show ID` prints the last answer.")


@app.command("retry")
def retry(
    tile_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Tile ids, or their first characters.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All quarantined tiles.")] = False,
    check: Check = None,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """Have the next `trsllava index` caption quarantined tiles again, with other sampling.

    **Example**: `trsllava quarantine retry --all`
    """
    import trsllava

    with trsllava.open(home, collection) as archive:
        ids = _chosen(archive, tile_ids or [], everything, check)
        archive.retry(ids)
    print(f"{len(ids)} tiles wait for the next `trsllava index`.")


def _chosen(archive: Archive, tile_ids: list[str], everything: bool, check: ReasonChoice | None) -> list[str]:
    from trsllava.errors import InputError

    if bool(tile_ids) + everything + (check is not None) != 1:
        raise InputError("Name tiles, or give --check NAME, or --all.")
    if tile_ids:
        return tile_ids
    return [str(record.tile.id) for record in archive.quarantined(check)]


@app.command("accept")
def accept(
    tile_id: Annotated[str, typer.Argument(metavar="ID", help="Id of a quarantined tile, or its first characters.")],
    text: Annotated[
        Path | None,
        typer.Option(
            "--text", help="Take this file instead (-: standard input): an RSRT object, or one sentence per line."
        ),
    ] = None,
    home: Home = None,
    collection: Collection = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Accept a quarantined tile's raw answer, or an edited text, as it is.

    **Examples**

    `trsllava quarantine accept 4f2a91`

    `trsllava quarantine accept 4f2a91 --text edited.json`
    """
    import trsllava
    from trsllava.errors import InputError

    try:
        answer = None if text is None else sys.stdin.read() if str(text) == "-" else text.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        from trsllava.validation import reason_of

        raise InputError(f"{text} cannot be read: {reason_of(error)}.") from error
    with trsllava.open(home, collection, qdrant_url=qdrant_url) as archive:
        taken = archive.accept(tile_id, answer)
    count = len(taken.variants)
    print(f"Taken: {count} variant{'s' * (count != 1)}, {', '.join(taken.labels) or 'no labels'}.")
