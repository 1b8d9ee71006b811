"""Captioned tiles by place and time, in the order of their ids."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

from trsllava.places.area import Ground
from trsllava.raster.footprint import meets
from trsllava.records import Filters, Footprint, Tile

_WEST, _EAST = "tile ->> '$.footprint.west'", "tile ->> '$.footprint.east'"
_UNWRAPPED_EAST = f"{_EAST} + CASE WHEN {_EAST} < {_WEST} THEN 360 ELSE 0 END"
_START, _END = "tile ->> 'acquired'", "coalesce(tile ->> 'acquired_end', tile ->> 'acquired')"
_SECONDS = 19
"""Characters of a time up to its whole seconds. Times are kept in UTC, with a fraction or none."""


def ids(db: sqlite3.Connection, filters: Filters, after: str, chunk: int) -> Iterator[list[str]]:
    """Ids of the captioned tiles behind `after` that meet the filters' box and time, some at a time; `chunk`: how many
    are looked at in one go."""
    where, values = _roughly(filters)
    query = f"SELECT id, tile FROM tiles WHERE text IS NOT NULL AND id > ?{where} ORDER BY id LIMIT ?"
    ground = Ground(filters.area) if filters.area else None
    while rows := db.execute(query, (after, *values, chunk)).fetchall():
        after = rows[-1][0]
        yield [tile_id for tile_id, tile in rows if _passes(Tile.model_validate_json(tile), filters, ground)]


def count(db: sqlite3.Connection, filters: Filters) -> int:
    """The number of captioned tiles that meet the filters' box and time."""
    if filters == Filters(
        labels=filters.labels,
        label_spellings=filters.label_spellings,
        without_labels=filters.without_labels,
        sources=filters.sources,
    ):
        return int(db.execute("SELECT count(*) FROM tiles WHERE text IS NOT NULL").fetchone()[0])
    return sum(map(len, ids(db, filters, "", 5000)))


def passes(tile: Tile, filters: Filters) -> bool:
    """True where a tile meets the filters' box and area, and was acquired at some time in their interval and spans."""
    return _passes(tile, filters, Ground(filters.area) if filters.area else None)


def _passes(tile: Tile, filters: Filters, ground: Ground | None) -> bool:
    """The same; `ground`: the filters' area, made ready once."""
    if filters.bbox is not None and (tile.footprint is None or not meets(tile.footprint, filters.bbox)):
        return False
    if ground is not None and (tile.footprint is None or not ground.meets(tile.footprint)):
        return False
    if filters.start is None and filters.end is None and not filters.spans:
        return True
    if tile.acquired is None:
        return False
    last = tile.acquired_end or tile.acquired
    if filters.spans and not any(tile.acquired <= end and last >= start for start, end in filters.spans):
        return False
    return (filters.end is None or tile.acquired <= filters.end) and (filters.start is None or last >= filters.start)


def _roughly(filters: Filters) -> tuple[str, list[object]]:
    """Conditions in SQL that all tiles meet which pass, and few others."""
    where, values = "", list[object]()
    if filters.bbox is not None:
        where += f" AND tile ->> '$.footprint.south' <= ? AND tile ->> '$.footprint.north' >= ? AND ({_BESIDE})"
        values += [filters.bbox.north, filters.bbox.south, *_turned(filters.bbox)]
    if filters.start is not None:
        where += f" AND substr({_END}, 1, {_SECONDS}) >= ?"
        values.append(_written(filters.start))
    if filters.end is not None:
        where += f" AND substr({_START}, 1, {_SECONDS}) <= ?"
        values.append(_written(filters.end))
    return where, values


_BESIDE = " OR ".join([f"({_WEST} <= ? AND {_UNWRAPPED_EAST} >= ?)"] * 3)


def _turned(box: Footprint) -> list[float]:
    """East and west of a box, turned by -360, 0 and 360 degrees: one of them may meet a tile's."""
    return [side + turn for turn in (-360.0, 0.0, 360.0) for side in (box.unwrapped_east, box.west)]


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()[:_SECONDS]
