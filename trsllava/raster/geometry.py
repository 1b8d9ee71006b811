"""Footprints as GeoJSON geometries (RFC 7946)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from trsllava.records import Footprint

Point = tuple[float, float]


def bbox_of(footprint: Footprint) -> list[float]:
    """`[west, south, east, north]` in degrees, west > east at the dateline (RFC 7946, section 5.2)."""
    return [footprint.west, footprint.south, footprint.east, footprint.north]


def geometry_of(footprint: Footprint) -> dict[str, Any]:
    """A Polygon, or a MultiPolygon cut at the dateline (section 3.1.9); rings are closed and run anticlockwise."""
    ring = footprint.polygon or _sides(footprint)
    west, east = min(x for x, _ in ring), max(x for x, _ in ring)
    parts = []
    for turn in range(math.floor((west + 180) / 360), math.ceil((east - 180) / 360) + 1):
        low, high = 360 * turn - 180, 360 * turn + 180
        part = _cut(_cut(list(ring[:-1]), low, lambda x, edge: x >= edge), high, lambda x, edge: x <= edge)
        part = [(x - 360 * turn, y) for x, y in part]
        if _area(part) != 0:
            parts.append([_closed(part)])
    if len(parts) > 1:
        return {"type": "MultiPolygon", "coordinates": parts}
    # a footprint without area (a single meridian, say) is cut to nothing: it stays as it is
    return {"type": "Polygon", "coordinates": parts[0] if parts else [_closed(list(ring[:-1]))]}


def _sides(footprint: Footprint) -> tuple[Point, ...]:
    west, east = footprint.west, footprint.unwrapped_east
    south, north = footprint.south, footprint.north
    return ((west, south), (east, south), (east, north), (west, north), (west, south))


def _cut(ring: list[Point], meridian: float, keeps: Callable[[float, float], bool]) -> list[Point]:
    """The part of an open ring on one side of a meridian (Sutherland and Hodgman, CACM 17(1), 1974)."""
    kept: list[Point] = []
    for (x1, y1), (x2, y2) in zip([*ring[-1:], *ring[:-1]], ring, strict=True):
        if keeps(x1, meridian) != keeps(x2, meridian):
            kept.append((meridian, y1 + (y2 - y1) * (meridian - x1) / (x2 - x1)))
        if keeps(x2, meridian):
            kept.append((x2, y2))
    return kept


def _area(ring: list[Point]) -> float:
    """Twice the area of an open ring; positive where it runs anticlockwise."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip([*ring[-1:], *ring[:-1]], ring, strict=True))


def _closed(ring: list[Point]) -> list[list[float]]:
    turned = ring if _area(ring) >= 0 else ring[::-1]
    distinct = [list(point) for i, point in enumerate(turned) if point != turned[i - 1]] or [list(turned[0])] * 3
    return [*distinct, distinct[0]]
