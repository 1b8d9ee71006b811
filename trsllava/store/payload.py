"""What a point carries beside its vectors, the same in both stores, and how filters read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from trsllava.records import Footprint
from trsllava.store.protocol import SparseVector, TilePoint

KEYWORD_KEYS = ("labels", "sources")
FLOAT_KEYS = ("west", "south", "east", "north", "acquired")


def to_payload(point: TilePoint) -> dict[str, Any]:
    """The payload of a point; what is unknown of a tile is left out, so that no filter on it matches."""
    payload: dict[str, Any] = {"labels": list(point.labels), "sources": list(point.sources)}
    if point.box is not None:
        payload.update(zip(("west", "south", "east", "north"), map(float, point.box), strict=True))
    if point.acquired is not None:
        payload["acquired"] = float(point.acquired)
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
    )


def longitude_ranges(box: Footprint) -> list[tuple[float, float]]:
    """Where a query's box lies on the unwrapped circle of longitudes, in degrees: west and east, turned by -360, 0 and
    +360. A tile, whose west is in [-180, 180] and whose east may be past 180, meets the box when it meets one of them.
    """
    return [(box.west + turn, box.unwrapped_east + turn) for turn in (-360.0, 0.0, 360.0)]


def seconds(moment: datetime) -> float:
    """Seconds since 1970 UTC; a time without a zone is taken as UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
