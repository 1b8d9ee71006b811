"""`trsllava show` and `status`: looking into a collection."""

from __future__ import annotations

from typing import Annotated

import typer

from trsllava.cli.flags import flag
from trsllava.cli.options import AsJson, Collection, Home
from trsllava.cli.reports import server_usage_lines


def show(
    tile_id: Annotated[str, typer.Argument(metavar="ID", help="A tile's id, or its first characters.")],
    as_json: AsJson = False,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """Show everything known about a tile: files, place, time, other dates of the same place, captions, state.

    **Example**: `trsllava show 4f2a91`
    """
    import trsllava

    with trsllava.open(home, collection) as archive:
        record = archive.tile(tile_id)
        others = [] if as_json else archive.other_dates(str(record.tile.id))
    if as_json:
        print(record.model_dump_json(indent=2))
        return
    tile = record.tile
    print(f"{tile.id}  {record.state}")
    for path in record.paths:
        print(f"  file      {path}")
    print(f"  pixels    {tile.window.width} x {tile.window.height} at {tile.window.col}, {tile.window.row}")
    if tile.footprint:
        box = tile.footprint
        print(f"  footprint {box.west:.5f}, {box.south:.5f}, {box.east:.5f}, {box.north:.5f}")
    if tile.acquired:
        until = f" to {tile.acquired_end.isoformat()}" if tile.acquired_end else ""
        print(f"  acquired  {tile.acquired.isoformat()}{until}")
    for other in others:
        print(f"  also on   {other.tile.acquired:%Y-%m-%d}: {other.tile.id}  {other.paths[0]}")
    if record.error:
        print(f"  error     {record.error}")
    if record.raw_answer:
        print(f"  answer    {record.raw_answer}")
    if record.text:
        print(f"  labels    {', '.join(record.text.labels)}")
        print(f"  model     {record.text.model} {record.text.prompt}".rstrip())
        if record.text.confidence is not None:
            print(f"  sure      {record.text.confidence:.0%} of the kind of place")
        if record.text.repairs:
            print(f"  mended    {', '.join(record.text.repairs)}")
        if record.text.copied_from:
            print(f"  copied    from its near-duplicate {record.text.copied_from}")
        for number, variant in enumerate(record.text.variants, start=1):
            print(f"  variant {number}")
            for name, text in variant.fields().items():
                print(f"    {name}: {text}")


def status(
    as_json: AsJson = False,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """Show the state of a collection. Works while `index` runs.

    **Example**: `trsllava status --collection harbors`
    """
    import json
    from dataclasses import asdict

    import trsllava
    from indexer.recipe import chosen

    with trsllava.open(home, collection) as archive:
        found = archive.status()
    if as_json:
        print(json.dumps(asdict(found), default=str, indent=2))
        return
    print(f"collection {found.collection} in {found.folder}")
    print("tiles: " + ", ".join(f"{count} {state}" for state, count in found.tiles.items()))
    if found.tiles["captioned"]:
        print(
            f"not searchable yet: {found.tiles['captioned']} captioned tiles; `trsllava index FOLDER` again, or "
            "`trsllava reindex`, stores them"
        )
    if found.skipped:
        print(f"skipped: {found.skipped} tiles that hold too little data, or a single value")
    if found.recipe:
        made_with = " ".join(map(flag, chosen(found.recipe))) or "the default bands, stretch and tiles"
        print(f"tiles made with {made_with}")
    print(f"encoder: {found.encoder or 'none yet'}")
    print(f"image encoder: {found.image_encoder or 'none'}")
    for model, count in found.captioned_by.items():
        print(f"captions: {count} by {model or 'an unnamed model'}")
    for line in server_usage_lines(found.service):
        print(line)
    for prompt, count in found.stale.items():
        print(f"stale: {count} captioned with {prompt}; `trsllava index … --recaption-stale` captions them again")
    for check, outcome in found.checks.items():
        print(
            f"check {check}: {outcome.repaired} repaired, {outcome.retried} retried, {outcome.quarantined} quarantined"
        )
    for reason in found.unreadable.values():
        print(f"unreadable: {reason}")
    for tile_id, reason in found.quarantined.items():
        print(f"quarantined: {tile_id}: {reason}")
    for tile_id, reason in found.waiting.items():
        print(f"waiting: {tile_id}: {reason}")
