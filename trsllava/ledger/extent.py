"""Where and when a collection's tiles lie."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from trsllava.records import Footprint

_FOOTPRINTS = """
    SELECT min(west), max(CASE WHEN east < west THEN east + 360 ELSE east END), min(south), max(north) FROM (
        SELECT tile ->> '$.footprint.west' AS west, tile ->> '$.footprint.south' AS south,
               tile ->> '$.footprint.east' AS east, tile ->> '$.footprint.north' AS north
        FROM tiles WHERE text IS NOT NULL AND tile ->> '$.footprint' IS NOT NULL
    ) GROUP BY round(west, 1)
"""
_TIMES = """
    SELECT min(tile ->> 'acquired'), max(coalesce(tile ->> 'acquired_end', tile ->> 'acquired'))
    FROM tiles WHERE text IS NOT NULL
"""


@dataclass(frozen=True)
class Extent:
    """The smallest box and interval that hold a collection's captioned tiles; None where no tile tells."""

    box: Footprint | None = None
    start: datetime | None = None
    end: datetime | None = None


def extent(db: sqlite3.Connection) -> Extent:
    """Where and when the captioned tiles lie."""
    first, last = db.execute(_TIMES).fetchone()
    return Extent(
        _box(db.execute(_FOOTPRINTS).fetchall()),
        datetime.fromisoformat(first) if first else None,
        datetime.fromisoformat(last) if last else None,
    )


def _box(strips: list[tuple[float, float, float, float]]) -> Footprint | None:
    """The smallest box around boxes (west, east past 180 at the dateline, south, north)."""
    if not strips:
        return None
    west, east = around((strip[0], strip[1]) for strip in strips)
    return Footprint(
        west=west, east=east, south=min(strip[2] for strip in strips), north=max(strip[3] for strip in strips)
    )


def around(spans: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """West and east of the smallest arc around spans of longitudes: all but the widest gap between them."""
    ordered = sorted(spans)
    reach = max(east for _, east in ordered) - 360
    widest, west, east = 0.0, -180.0, 180.0
    for start, end in ordered:
        if start - reach > widest:
            widest, west, east = start - reach, start, reach
        reach = max(reach, end)
    if widest == 0.0:
        return -180.0, 180.0
    return west, east + 360 if east <= -180 else east
