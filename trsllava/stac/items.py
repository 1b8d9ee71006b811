"""A tile as a STAC 1.1 Item."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from trsllava.raster.geometry import bbox_of, geometry_of
from trsllava.records import Hit, RichText, Tile, TileRecord

STAC_VERSION = "1.1.0"

UNKNOWN_TIME = ("1858-01-01T00:00:00Z", "2100-01-01T00:00:00Z")
"""A STAC Item must say when: of a tile without a time it is known that it was taken after the first aerial photograph.
Such items carry `trsllava:undated`."""

Document = dict[str, Any]


def schema() -> Document:
    """The JSON schema of our own fields, whose names begin with `trsllava:`."""
    found: Document = json.loads(files(__package__).joinpath("schema.json").read_text("utf-8"))
    return found


def item_of(
    record: TileRecord,
    collection: str,
    *,
    links: Sequence[Mapping[str, str]] = (),
    assets: Mapping[str, Mapping[str, Any]] | None = None,
    extensions: Sequence[str] = (),
) -> Document:
    """The Item of a tile.

    `bbox` and `geometry` are the tile's footprint; a tile without one has the geometry null and then, as STAC wants
    it, no `bbox`. `datetime` is always there: null for an interval, and for a tile without a time (`UNKNOWN_TIME`).
    """
    footprint = record.tile.footprint
    item: Document = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": list(extensions),
        "id": str(record.tile.id),
        "collection": collection,
        "geometry": geometry_of(footprint) if footprint else None,
    }
    if footprint:
        item["bbox"] = bbox_of(footprint)
    item["properties"] = {**_times(record.tile), **_place_in_scene(record.tile), **_words(record.text)}
    item["links"] = [dict(link) for link in links]
    item["assets"] = {name: dict(asset) for name, asset in (assets or {}).items()}
    return item


def with_hit(item: Document, hit: Hit) -> Document:
    """An Item with what a search says of it: score, chance to be right, and why."""
    found: Document = {"trsllava:score": hit.score, "trsllava:why": hit.why.model_dump()}
    if hit.relevance is not None:
        found["trsllava:relevance"] = hit.relevance
    if hit.merged:
        found["trsllava:merged"] = hit.merged
    return {**item, "properties": {**item["properties"], **found}}


def timestamp(moment: datetime) -> str:
    """RFC 3339, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _times(tile: Tile) -> Document:
    if tile.acquired is None:
        start, end = UNKNOWN_TIME
        return {"datetime": None, "start_datetime": start, "end_datetime": end, "trsllava:undated": True}
    if tile.acquired_end is None:
        return {"datetime": timestamp(tile.acquired)}
    interval = {"start_datetime": timestamp(tile.acquired), "end_datetime": timestamp(tile.acquired_end)}
    return {"datetime": None, **interval}


def _place_in_scene(tile: Tile) -> Document:
    return {"trsllava:window": list(tile.window)}


def _words(text: RichText | None) -> Document:
    if text is None:
        return {}
    first = text.variants[0]
    shortest = next(iter(first.fields().values()))
    words: Document = {
        "title": shortest,
        "description": first.text(),
        "trsllava:caption": shortest,
        "trsllava:captions": text.texts(),
    }
    words["trsllava:labels"] = list(text.labels)
    if text.labels:
        words["keywords"] = list(text.labels)
    if text.model:
        words["trsllava:model"] = text.model
    if text.prompt:
        words["trsllava:prompt"] = text.prompt
    if text.created:
        words["created"] = timestamp(text.created)
    return words
