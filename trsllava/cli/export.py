"""`trsllava export`: a collection in files for others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from trsllava.cli.options import Collection, Home
from trsllava.cli.output import write_lines


def export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File of captions to write; otherwise printed.")
    ] = None,
    stac: Annotated[
        Path | None, typer.Option("--stac", help="Write a static STAC catalogue with thumbnails into a new folder.")
    ] = None,
    originals: Annotated[
        bool, typer.Option("--originals", help="With --stac: items name the image files, by absolute paths.")
    ] = False,
    geoparquet: Annotated[
        Path | None, typer.Option("--geoparquet", help="Write one stac-geoparquet file with the vectors.")
    ] = None,
    home: Home = None,
    collection: Collection = None,
) -> None:
    """Write all captions as RSRT JSONL, paths relative to the folder that was indexed; or the collection for a GIS.

    **Examples**

    `trsllava export -o captions.jsonl`

    `trsllava export --stac ./catalogue`

    `trsllava export --geoparquet archive.parquet`
    """
    import trsllava
    from trsllava.errors import InputError

    if sum(place is not None for place in (output, stac, geoparquet)) > 1:
        raise InputError("Give one of --output, --stac and --geoparquet.")
    if originals and stac is None:
        raise InputError("--originals goes with --stac.")
    with trsllava.open(home, collection) as archive:
        if stac is not None:
            from trsllava.stac.catalogue import write_catalogue

            found = write_catalogue(archive, stac, originals=originals)
            gone = f"; {found.without_picture} of them without a picture" if found.without_picture else ""
            print(f"{found.items} items written to {stac}{gone}", file=sys.stderr)
        elif geoparquet is not None:
            from trsllava.stac.geoparquet import write_geoparquet

            print(f"{write_geoparquet(archive, geoparquet)} items written to {geoparquet}", file=sys.stderr)
        elif output is not None:
            written = write_lines(output, (line + "\n" for line in archive.export()))
            print(f"{written} images written to {output}", file=sys.stderr)
        else:
            for line in archive.export():
                print(line)
