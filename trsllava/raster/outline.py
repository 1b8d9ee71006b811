"""Where a STAC item lies: its bbox and its geometry as a footprint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from trsllava.records import Footprint


def footprint_of_item(item: Mapping[str, Any]) -> Footprint | None:
    """The footprint by `bbox`, with the outline of a polygon; None where the item states none that can be."""
    geometry = item.get("geometry")
    ring = _ring(geometry) if isinstance(geometry, dict) else None
    box = item.get("bbox")
    try:
        if isinstance(box, list) and len(box) in (4, 6):
            west, south, east, north = box if len(box) == 4 else (*box[:2], *box[3:5])
        elif ring:
            west, east = min(x for x, _ in ring), max(x for x, _ in ring)
            south, north = min(y for _, y in ring), max(y for _, y in ring)
        else:
            return None
        polygon = ring if ring and not _is_box(ring) else None
        return Footprint(west=west, south=south, east=east, north=north, polygon=polygon)
    except (ValidationError, TypeError):
        return None


def _ring(geometry: Mapping[str, Any]) -> tuple[tuple[float, float], ...] | None:
    if geometry.get("type") != "Polygon":
        return None
    try:
        ring = tuple((float(point[0]), float(point[1])) for point in geometry["coordinates"][0])
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return ring if len(ring) >= 4 and ring[0] == ring[-1] else None


def _is_box(ring: tuple[tuple[float, float], ...]) -> bool:
    return len(ring) == 5 and len({x for x, _ in ring}) == 2 and len({y for _, y in ring}) == 2
