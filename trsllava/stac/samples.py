"""A sample of places as a static STAC collection: an Item for each tile of ground, with its picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from indexer.sampling.sample import SamplePoint
from trsllava.raster.geometry import bbox_of, geometry_of
from trsllava.records import Footprint
from trsllava.stac.items import STAC_VERSION, UNKNOWN_TIME, Document, timestamp

_JSON, _GEOJSON = "application/json", "application/geo+json"


@dataclass(frozen=True)
class SampledTile:
    """A sample point, the ground around it, and what there is of it."""

    point: SamplePoint
    footprint: Footprint
    split: str = ""
    picture: Path | None = None
    """A PNG file."""
    acquired: datetime | None = None


def sample_item(tile: SampledTile, collection: str, picture_href: str | None = None) -> Document:
    """The Item of a tile. Its properties are the point's, named `sample:…`.

    A tile without a time has the interval that is known of all pictures.
    """
    properties: Document = (
        {"datetime": timestamp(tile.acquired)}
        if tile.acquired
        else {
            "datetime": None,
            "start_datetime": UNKNOWN_TIME[0],
            "end_datetime": UNKNOWN_TIME[1],
        }
    )
    properties |= {f"sample:{name}": value for name, value in tile.point.properties.items()}
    properties |= {"sample:longitude": tile.point.longitude, "sample:latitude": tile.point.latitude}
    if tile.split:
        properties["sample:split"] = tile.split
    picture = {"href": picture_href, "type": "image/png", "roles": ["data", "visual"]}
    return {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": [],
        "id": tile.point.id,
        "collection": collection,
        "geometry": geometry_of(tile.footprint),
        "bbox": bbox_of(tile.footprint),
        "properties": properties,
        "links": [
            {"rel": "root", "href": "../collection.json", "type": _JSON},
            {"rel": "parent", "href": "../collection.json", "type": _JSON},
            {"rel": "collection", "href": "../collection.json", "type": _JSON},
        ],
        "assets": {"picture": picture} if picture_href else {},
    }


def write_sample_stac(folder: Path, name: str, description: str, tiles: Sequence[SampledTile]) -> None:
    """Write `collection.json` and `items/ID.json` into a folder; pictures are named relative to it. Raises OSError."""
    items = folder / "items"
    items.mkdir(parents=True)
    for tile in tiles:
        href = None if tile.picture is None else _relative(tile.picture, items)
        _write_json(items / f"{tile.point.id}.json", sample_item(tile, name, href))
    _write_json(folder / "collection.json", _collection(name, description, tiles))


def _collection(name: str, description: str, tiles: Sequence[SampledTile]) -> Document:
    times = [tile.acquired for tile in tiles if tile.acquired]
    interval = [timestamp(min(times)), timestamp(max(times))] if times else list(UNKNOWN_TIME)
    return {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": [],
        "id": name,
        "description": description,
        "license": "other",
        "extent": {"spatial": {"bbox": [_box(tiles)]}, "temporal": {"interval": [interval]}},
        "links": [
            {"rel": "root", "href": "./collection.json", "type": _JSON},
            *(_item_link(tile) for tile in tiles),
        ],
    }


def _item_link(tile: SampledTile) -> Mapping[str, str]:
    return {"rel": "item", "href": f"./items/{tile.point.id}.json", "type": _GEOJSON}


def _box(tiles: Sequence[SampledTile]) -> list[float]:
    boxes = [bbox_of(tile.footprint) for tile in tiles]
    if not boxes or any(west > east for west, _, east, _ in boxes):
        return [-180.0, min((box[1] for box in boxes), default=-90.0), 180.0, max((b[3] for b in boxes), default=90.0)]
    west, south, east, north = zip(*boxes, strict=True)
    return [min(west), min(south), max(east), max(north)]


def _relative(picture: Path, start: Path) -> str:
    return Path("..", "..", *picture.relative_to(start.parent.parent).parts).as_posix()


def _write_json(path: Path, document: Document) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
