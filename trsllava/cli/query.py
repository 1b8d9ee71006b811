"""`trsllava query`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trsllava.cli.options import AsJson, Collection, Device, Encoder, Fusion, Home, QdrantUrl
from trsllava.cli.output import write_lines

if TYPE_CHECKING:
    from trsllava.records import Hit
    from trsllava.search.result import SearchResult

_THUMBNAIL = 320


def query(
    text: Annotated[str, typer.Argument(help="What to look for.", show_default=False)] = "",
    image: Annotated[
        Path | None,
        typer.Option("--image", help="Search by this picture; add TEXT to combine both.", show_default=False),
    ] = None,
    weight: Annotated[
        float | None,
        typer.Option(
            "--weight",
            help="Weight of TEXT when combined with --image: 0 the picture alone, 1 the text alone.  "
            "[default: 0.1; only exclusions 0.05; captions with captions 0.35; with --edit 1]",
        ),
    ] = None,
    pair: Annotated[
        str | None,
        typer.Option(
            "--pair",
            help="What the picture and the text are compared with: captions (dense) or pictures (image), as in "
            "image,dense.  "
            "[default: image,image; with --edit, or without image vectors, dense,dense]",
        ),
    ] = None,
    edit: Annotated[
        bool, typer.Option("--edit", help="Treat TEXT as an instruction for rewriting the picture's caption.")
    ] = False,
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help="Number of hits.")] = 10,
    bbox: Annotated[
        str | None, typer.Option("--bbox", help="Only footprints that meet west,south,east,north (degrees).")
    ] = None,
    time: Annotated[
        str | None, typer.Option("--time", help="Only images acquired then: 2019, 2019-06/2020 or 2021-03-01/..")
    ] = None,
    change: Annotated[
        str | None,
        typer.Option("--change", help="Places that gained or lost what TEXT names between two times, as 2019..2023."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            help="label=NAME, label!=NAME, source=PATH, or a property as in cloud_cover<20; may be repeated.",
        ),
    ] = None,
    branches: Annotated[str | None, typer.Option("--branches", help="Comma-separated: dense,bm25,image.")] = None,
    fusion: Fusion = None,
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            help="Weights of branches, as in dense=1,bm25=0.5,image=1,rerank=2; the rest keep their defaults.",
        ),
    ] = None,
    rerank: Annotated[
        str | None,
        typer.Option("--rerank", help="Re-rank the best hits by their pictures with this image-text encoder."),
    ] = None,
    rerank_top: Annotated[
        int | None, typer.Option("--rerank-top", min=1, max=10_000, help="Number of hits to re-rank.  [default: 100]")
    ] = None,
    all_tiles: Annotated[
        bool, typer.Option("--all-tiles", help="Show overlapping tiles of a scene separately.")
    ] = False,
    min_relevance: Annotated[
        float,
        typer.Option(
            "--min-relevance", min=0, max=100, help="Leave out hits that are less likely to be right, in percent."
        ),
    ] = 0,
    exact_words: Annotated[
        bool,
        typer.Option("--exact-words", help="Search as typed: no spelling correction, exclusions or translation."),
    ] = False,
    no_places: Annotated[
        bool, typer.Option("--no-places", help="Search place names as words, not as a filter.")
    ] = False,
    no_times: Annotated[
        bool, typer.Option("--no-times", help="Search years, months and seasons as words, not as a filter.")
    ] = False,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_geojson: Annotated[bool, typer.Option("--geojson", help="Print GeoJSON, for QGIS.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page with thumbnails to this file.")] = None,
    encoder: Encoder = None,
    device: Device = None,
    home: Home = None,
    collection: Collection = None,
    qdrant_url: QdrantUrl = None,
) -> None:
    """Find images that match a text, resemble a picture, or both.

    **Examples**

    `trsllava query "harbor with cranes"`

    `trsllava query "many white tanks" -k 50 --bbox 3.9,51.8,4.6,52.1 --time 2020/2022 --geojson > tanks.geojson`

    `trsllava query "planes near a terminal" --where label=airport --html hits.html`

    `trsllava query --image harbor.png -k 5`

    `trsllava query "airport without planes"`

    `trsllava query "harbors near Rotterdam in summer 2023"`

    `trsllava query "habor with crains" --exact-words`

    `trsllava query "with more boats" --image harbor.png --weight 0.2`

    `trsllava query "replace the pond with a swimming pool, no trees" --image park.png --edit`

    `trsllava query "new buildings" --change 2019..2023`

    `trsllava query "a bridge over a wide river" --rerank openai/clip-vit-base-patch16 --rerank-top 50`
    """
    import trsllava
    from trsllava.cli.changes import print_changes
    from trsllava.cli.parsing import parse_branches, parse_pair, parse_where
    from trsllava.errors import InputError
    from trsllava.search.conditions import as_weights

    if sum((as_json, as_csv, as_geojson)) > 1:
        raise InputError("Choose one of --json, --csv and --geojson.")
    if change is not None:
        beside = (image, weight, pair, time, where, branches, fusion, weights, rerank, html)
        if any(given is not None for given in beside) or any((edit, as_csv, as_geojson, min_relevance)):
            raise InputError("--change goes with -k, --bbox and --json alone; its text says what has changed.")
        with trsllava.open(home, collection, encoder=encoder, device=device, qdrant_url=qdrant_url) as archive:
            print_changes(archive.changes(text, change, k=k, bbox=bbox or None), as_json=as_json)
        return
    with trsllava.open(home, collection, encoder=encoder, device=device, qdrant_url=qdrant_url) as archive:
        hits = archive.search(
            text,
            image=image,
            weight=weight,
            pair=parse_pair(pair) if pair else None,
            edit=edit,
            exact_words=exact_words,
            places=not no_places,
            times=not no_times,
            k=k,
            bbox=bbox or None,
            time=time or None,
            filters=parse_where(where or ()),
            branches=parse_branches(branches) if branches else None,
            fusion=fusion,
            weights=as_weights(weights) if weights else None,
            all_tiles=all_tiles,
            min_relevance=min_relevance / 100,
            rerank=rerank,
            rerank_top=rerank_top,
        )
    notices = _notices(hits)
    for notice in notices:
        print(notice, file=sys.stderr)
    understood = hits.understood
    searched, asked = understood.searched, _asked(understood.searched, image)
    if html is not None:
        _write_html(html, understood.wanted, asked, hits)
    if as_json:
        from trsllava.formats.json_document import json_document

        searched = searched if searched != text else ""
        print(json_document(_asked(text, image), hits, searched=searched, notices=notices, coverage=hits.coverage))
    elif as_csv:
        from trsllava.formats.csv_rows import csv_rows

        print(csv_rows(hits), end="")
    elif as_geojson:
        from trsllava.formats.geojson import geojson

        print(geojson(asked, hits))
    elif html is None:
        _print_table(understood.wanted, hits)


def _notices(hits: SearchResult) -> list[str]:
    """What to say above the hits, and how to have the query searched otherwise."""
    hints = {
        "Searched for:": " Use --exact-words to search as typed.",
        "Place:": " Use --no-places to search it as words.",
        "Time:": " Use --no-times to search it as words.",
    }
    return [
        told + next((hint for begin, hint in hints.items() if told.startswith(begin)), "") for told in hits.notices()
    ]


def _asked(text: str, image: Path | None) -> str:
    return f"{text} (with {image})" if text and image else text or str(image)


def _print_table(text: str, hits: Sequence[Hit]) -> None:
    from rich.console import Console

    from trsllava.formats.table import table

    if not hits:
        print("No image fits: none passes the filters" + (", or no caption has a word of the query." if text else "."))
        return
    Console().print(table(text, hits))


def _write_html(path: Path, text: str, heading: str, hits: Sequence[Hit]) -> None:
    from trsllava.errors import ImageError
    from trsllava.formats.html import html_page
    from trsllava.raster.tile_picture import tile_thumbnail

    thumbnails: dict[str, bytes | str] = {}
    for hit in hits:
        try:
            picture = tile_thumbnail(hit.tile, hit.paths, _THUMBNAIL)
        except ImageError as error:
            thumbnails[str(hit.tile.id)] = str(error)
        else:
            thumbnails[str(hit.tile.id)] = picture
    write_lines(path, [html_page(text, hits, thumbnails, heading)])
    print(f"{len(hits)} hits written to {path}", file=sys.stderr)
