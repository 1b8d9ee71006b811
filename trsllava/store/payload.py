"""What a point carries beside its vectors, the same in both stores, and how filters read it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from trsllava.records import Footprint
from trsllava.store.protocol import SparseVector, TilePoint

KEYWORD_KEYS = ("labels", "sources")
FLOAT_KEYS = ("west", "south", "east", "north", "acquired", "acquired_end")
INTEGER_KEYS = ("extent",)

EXTENTS = (0.001, 0.008, 0.064, 0.512, 4.096, 32.768, 360.0)
"""Classes of boxes: the larger of width and height in degrees is at most this. A box of a class that meets a query's
box begins at most that far outside of it, and ranges with two ends are what an index can use."""


@dataclass(frozen=True)
class BoxRange:
    """Boxes of one class that meet a query's box: their west, south, east and north lie within these, in degrees."""

    extent: int
    """Position in EXTENTS."""
    west: tuple[float, float]
    south: tuple[float, float]
    least_east: float
    least_north: float


def to_payload(point: TilePoint) -> dict[str, Any]:
    """The payload of a point; what is unknown of a tile is left out, so that no filter on it matches."""
    payload: dict[str, Any] = {"labels": list(point.labels), "sources": list(point.sources)}
    if point.box is not None:
        west, south, east, north = map(float, point.box)
        payload.update(west=west, south=south, east=east, north=north)
        payload["extent"] = bisect_left(EXTENTS[:-1], max(east - west, north - south))
    if point.properties:
        payload["properties"] = dict(point.properties)
    if point.acquired is not None:
        payload["acquired"] = float(point.acquired)
    if point.acquired_end is not None:
        payload["acquired_end"] = float(point.acquired_end)
    return payload


def box_of(payload: dict[str, Any]) -> tuple[float, float, float, float] | None:
    """The box that `to_payload` wrote: west, south, east, north in degrees."""
    if "west" not in payload:
        return None
    return payload["west"], payload["south"], payload["east"], payload["north"]


def from_stored(tile: str, vectors: Mapping[str, Any], payload: dict[str, Any]) -> TilePoint:
    """A tile as it was written, from what either store gives back of it."""
    sparse, image = vectors.get("bm25"), vectors.get("image")
    return TilePoint(
        id=tile,
        dense=np.asarray(vectors["dense"], np.float32),
        sparse=SparseVector(
            np.asarray(sparse.indices if sparse else [], np.uint32),
            np.asarray(sparse.values if sparse else [], np.float32),
        ),
        image=None if image is None else np.asarray(image, np.float32),
        labels=tuple(payload["labels"]),
        sources=tuple(payload["sources"]),
        box=box_of(payload),
        acquired=payload.get("acquired"),
        acquired_end=payload.get("acquired_end"),
        properties=payload.get("properties", {}),
    )


def property_key(name: str) -> str:
    """Where a property stands in the payload, as filters name it: colons and dots in its name are part of it."""
    return f'properties."{name}"'


def box_ranges(box: Footprint, extents: Iterable[int]) -> list[BoxRange]:
    """A tile meets `box` when it lies in one of these ranges; `extents`: the classes that need to be looked at.

    A tile's west is in [-180, 180] and its east may be past 180, so the query's box is tried turned by -360, 0 and
    +360 degrees as well.
    """
    ranges = []
    for extent in extents:
        reach = 1.001 * EXTENTS[extent]  # a little more, against rounding
        for turn in (-360.0, 0.0, 360.0):
            west, east = box.west + turn, box.unwrapped_east + turn
            if east >= -180 and west - reach <= 180:
                ranges.append(BoxRange(extent, (west - reach, east), (box.south - reach, box.north), west, box.south))
    return ranges


def seconds(moment: datetime) -> float:
    """Seconds since 1970 UTC; a time without a zone is taken as UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
