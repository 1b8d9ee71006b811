"""`trsllava review`: people judge captions."""

from __future__ import annotations

from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.cli.options import AsJson, Collection, Home
from trsllava.cli.output import write_lines

if TYPE_CHECKING:
    from trsllava.records import TileRecord

app = typer.Typer(rich_markup_mode="markdown")
_SIDE = 640
"""Longest side of a picture on the page, in pixels."""


@app.callback(invoke_without_command=True)
def review(
    context: typer.Context,
    sample: Annotated[str, typer.Option("--sample", help="Share or number of captioned tiles: 10% or 50.")] = "10%",
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws other tiles.")] = 0,
    output: Annotated[Path, typer.Option("--output", "-o", help="Page to write.")] = Path("review.html"),
    home: Home = None,
    collection: Collection = None,
) -> None:
    """Have people judge captions: write a page with a sample of them, which saves the verdicts to a file.

    The page works without a network. Then: `trsllava review import`, `trsllava review report`.

    **Example**: `trsllava review --sample 10% -o review.html`
    """
    if context.invoked_subcommand is not None:
        return
    import trsllava
    from trsllava.formats.review import review_page

    share, count = _size(sample)
    with trsllava.open(home, collection) as archive:
        records = archive.review_sample(share, count, seed)
        page = review_page(archive.settings.collection, records, {str(r.tile.id): picture_of(r) for r in records})
    write_lines(output, [page])
    print(f"{len(records)} tiles to judge in {output}. Open it, judge, save, then: trsllava review import FILE")


def _size(sample: str) -> tuple[float | None, int | None]:
    from trsllava.errors import InputError

    number = sample.strip().removesuffix("%")
    try:
        if sample.strip().endswith("%"):
            share = float(number) / 100
            if 0 < share <= 1:
                return share, None
        elif int(number) > 0:
            return None, int(number)
    except ValueError:
        pass
    raise InputError(f"--sample {sample!r} is neither a share such as 10% nor a number such as 50.")


def picture_of(record: TileRecord) -> bytes | str:
    """A tile as JPEG for a review page, or why there is none."""
    from trsllava.errors import ImageError
    from trsllava.raster.tile_picture import tile_thumbnail

    if not record.paths:
        return "the file is gone"
    try:
        return tile_thumbnail(record.tile, record.paths, _SIDE)
    except ImageError as error:
        return str(error)


@app.command("import")
def import_verdicts(
    file: Annotated[Path, typer.Argument(help="The file that a review page saved.")],
    reviewer: Annotated[str, typer.Option("--reviewer", help="Name of the reviewer.")],
    home: Home = None,
    collection: Collection = None,
) -> None:
    """Import the verdicts of one reviewer.

    **Example**: `trsllava review import verdicts.json --reviewer anna`
    """
    import trsllava

    with trsllava.open(home, collection) as archive:
        count = archive.import_verdicts(file, reviewer)
    print(f"{count} verdicts by {reviewer}.")


@app.command("report")
def report(
    as_json: AsJson = False,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """Show the share of captions that each reviewer accepts (95 % Wilson interval), and how far reviewers agree.

    **Example**: `trsllava review report`
    """
    import json

    import trsllava
    from eval.metrics.agreement import agreement, by_reviewer, share_of

    with trsllava.open(home, collection) as archive:
        said = by_reviewer(archive.verdicts())
    shares = [share_of(name, of) for name, of in said.items()]
    pairs = {(a, b): found for a, b in combinations(said, 2) if (found := agreement(said[a], said[b]))}
    if as_json:
        listed = [{"reviewers": names, **asdict(found)} for names, found in pairs.items()]
        print(json.dumps({"reviewers": [asdict(share) for share in shares], "pairs": listed}, indent=2))
        return
    for share in shares:
        low, high = share.interval
        print(
            f"{share.reviewer}: {share.accepted} of {share.judged} accepted, {share.accepted / share.judged:.1%} "
            f"(95 % interval {low:.1%} to {high:.1%})"
        )
    for (first, second), found in pairs.items():
        kappa = "not defined" if found.kappa is None else f"{found.kappa:.2f}"
        print(
            f"{first} and {second}: {found.tiles} tiles in common, {found.observed:.1%} agreement, "
            f"Cohen's kappa {kappa}"
        )
    if not said:
        print("There are no verdicts on the current captions. `trsllava review` writes a page to judge them.")
