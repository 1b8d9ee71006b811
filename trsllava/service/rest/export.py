"""`/v1/export`: chosen items as a file to take along."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field

from trsllava.archive import Archive
from trsllava.errors import ImageError
from trsllava.formats.csv_rows import csv_rows
from trsllava.formats.geojson import geojson
from trsllava.formats.html import html_page
from trsllava.raster.tile_picture import tile_thumbnail
from trsllava.records import Hit, Match, TileRecord
from trsllava.service.access import Reads
from trsllava.service.models import Body, Collection, SearchBody, within
from trsllava.service.pictures import check_readable
from trsllava.service.problems import Problem, described
from trsllava.service.rest.search import searched
from trsllava.service.stac.documents import Root, page_document
from trsllava.service.stac.searching import Found, Page
from trsllava.service.state import Service, ServiceOf
from trsllava.stac.geoparquet import write_geoparquet

router = APIRouter(tags=["export"], dependencies=[Reads])

FileForm = Literal["geojson", "csv", "stac", "geoparquet", "html"]

_THUMBNAIL = 320
"""Longest side of a picture on a contact sheet, in pixels."""
_MEDIA_TYPES: dict[FileForm, str] = {
    "geojson": "application/geo+json",
    "csv": "text/csv",
    "stac": "application/geo+json",
    "geoparquet": "application/vnd.apache.parquet",
    "html": "text/html",
}
_NAMES: dict[FileForm, str] = {
    "geojson": "selection.geojson",
    "csv": "selection.csv",
    "stac": "selection.stac.json",
    "geoparquet": "selection.parquet",
    "html": "selection.html",
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {kind: {"schema": {"type": "string"}} for kind in sorted(set(_MEDIA_TYPES.values()))},
    },
    **described(400, 404, 409, 413, 422, 429, 503, 507),
}


class ExportBody(Body):
    """Which items, in which form."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ids": ["0f6c5a1e-2b0e-5c7d-9a42-1c9f6a1f7a11"],
                    "format": "geojson",
                    "search": {"text": "harbor with cranes"},
                }
            ]
        }
    )

    ids: tuple[Annotated[str, Field(pattern="^[0-9a-f-]{36}$")], ...] = Field(
        min_length=1, max_length=1000, description="The items, in the order in which they are to be listed."
    )
    format: FileForm
    search: SearchBody | None = Field(
        default=None, description="Items that are among its hits are listed with their scores."
    )
    collection: Collection = None


@dataclass(frozen=True)
class _Chosen:
    archive: Archive
    records: Sequence[TileRecord]
    hits: Sequence[Hit]
    """Of the same items; those that no search found have no branches."""
    text: str


@router.post("/export", responses=_ANSWERS, response_class=Response, response_model=None)
async def export(given: ExportBody, request: Request, service: ServiceOf) -> Response:
    """Chosen items as a file: GeoJSON, CSV, a STAC ItemCollection, stac-geoparquet with the vectors, or a contact
    sheet, which is one HTML file with thumbnails."""
    root = Root(str(request.base_url))
    return await service.admission.run(partial(_export, service, given, root))


def _export(service: Service, given: ExportBody, root: Root) -> Response:
    chosen = _chosen(service, given)
    form = given.format
    headers = {"Content-Disposition": f'attachment; filename="{_NAMES[form]}"'}
    return Response(_content(service, chosen, form, root), media_type=_MEDIA_TYPES[form], headers=headers)


def _content(service: Service, chosen: _Chosen, form: FileForm, root: Root) -> str | bytes:
    match form:
        case "geojson":
            return geojson(chosen.text, chosen.hits)
        case "csv":
            return csv_rows(chosen.hits)
        case "html":
            heading = chosen.text or f"{len(chosen.hits)} of {chosen.archive.settings.collection}"
            return html_page(chosen.text, chosen.hits, _thumbnails(service, chosen.records), heading)
        case "stac":
            name = chosen.archive.settings.collection
            found = [
                Found(name, record, hit if hit.branches else None)
                for record, hit in zip(chosen.records, chosen.hits, strict=True)
            ]
            return json.dumps(
                page_document(root, Page(found, None, len(found)), service.settings, []), ensure_ascii=False
            )
        case "geoparquet":
            with tempfile.TemporaryDirectory(prefix="trsllava-") as folder:
                path = Path(folder, "selection.parquet")
                write_geoparquet(chosen.archive, path, [str(record.tile.id) for record in chosen.records])
                return path.read_bytes()


def _chosen(service: Service, given: ExportBody) -> _Chosen:
    archive = service.archives.get(given.collection)
    known = archive.ledger.records(given.ids)
    records = [known[one] for one in dict.fromkeys(given.ids) if one in known and known[one].text is not None]
    if not records:
        raise Problem(404, "unknown-item", "None of these items is in the collection, with a text.")
    found: dict[str, Hit] = {}
    if given.search is not None:
        within(len(given.search.text), service.settings.text_limit, "characters of text")
        search = given.search.model_copy(
            update={
                "k": service.settings.k_limit,
                "all_tiles": True,
                "diversity": 0.0,
                "min_score": None,
                "collection": archive.settings.collection,
            }
        )
        _, result = searched(service, search, search.picture())
        found = {str(hit.tile.id): hit for hit in result}
    hits = [found.get(str(record.tile.id)) or _unscored(record) for record in records]
    return _Chosen(archive, records, hits, given.search.text if given.search else "")


def _unscored(record: TileRecord) -> Hit:
    assert record.text is not None
    field, words = next(iter(record.text.variants[0].fields().items()))
    return Hit(
        tile=record.tile,
        paths=record.paths,
        labels=record.text.labels,
        score=0.0,
        branches={},
        why=Match(variant=0, field=field, text=words),
    )


def _thumbnails(service: Service, records: Sequence[TileRecord]) -> dict[str, bytes | str]:
    pictures: dict[str, bytes | str] = {}
    for record in records:
        try:
            check_readable(record, service.settings)
            picture = tile_thumbnail(record.tile, record.paths, _THUMBNAIL)
        except (ImageError, Problem):
            pictures[str(record.tile.id)] = "no picture"
        else:
            pictures[str(record.tile.id)] = picture
    return pictures
