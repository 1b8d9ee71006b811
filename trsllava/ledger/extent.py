"""Where and when a collection's tiles lie.

All tiles are looked at for it, which takes seconds for hundreds of thousands. So what was found is kept, and triggers
drop it: no writer can forget to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from trsllava.records import Footprint

_KEY = "extent"
_CHANGES = {
    "INSERT": "NEW.text IS NOT NULL",
    "DELETE": "OLD.text IS NOT NULL",
    "UPDATE OF text": "(OLD.text IS NULL) != (NEW.text IS NULL)",
    "UPDATE OF tile": "OLD.tile != NEW.tile",
}
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


_EXTENT = TypeAdapter(Extent)


def create(db: sqlite3.Connection) -> None:
    """Have what is kept dropped by whatever changes it."""
    for number, (change, when) in enumerate(_CHANGES.items()):
        db.execute(
            f"CREATE TRIGGER IF NOT EXISTS extent_changed_{number} AFTER {change} ON tiles WHEN {when}"
            f" BEGIN DELETE FROM meta WHERE key = '{_KEY}'; END"
        )


def kept(db: sqlite3.Connection) -> Extent | None:
    """The extent as it was kept; None where the tiles have changed since."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return _EXTENT.validate_json(row[0]) if row else None


def keep(db: sqlite3.Connection, found: Extent) -> None:
    """Keep what `extent` has found."""
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, _EXTENT.dump_json(found).decode()))


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
