"""Where a STAC item lies: its bbox and its geometry as a footprint."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from trsllava.records import Footprint, Ring

_NEAR = 1e-6
"""Degrees: an outline that comes as near to the dateline was cut there."""


def footprint_of_item(item: Mapping[str, Any]) -> Footprint | None:
    """The footprint by `bbox`, with the outline of a polygon; None where the item states none that can be.

    Of an outline that is cut in two at the dateline (RFC 7946, section 3.1.9) the halves are joined.
    """
    rings = _rings(item.get("geometry"))
    try:
        box = _stated(item.get("bbox"))
        if box is None or box.west < box.east:
            box = _across_the_dateline(rings) or box or _around(rings)
        if box is None or len(rings) != 1 or _is_box(rings[0]):
            return box
        return Footprint(**{**dict(box), "polygon": _run_on(rings[0], box)})
    except (ValidationError, TypeError, ValueError):
        return None


def _stated(box: object) -> Footprint | None:
    if not isinstance(box, list) or len(box) not in (4, 6):
        return None
    west, south, east, north = box if len(box) == 4 else (*box[:2], *box[3:5])
    return Footprint(west=west, south=south, east=east, north=north)


def _rings(geometry: object) -> list[Ring]:
    """The outer rings of a polygon or several; none where one of them is not on the Earth."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return []
    try:
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings = [tuple((float(point[0]), float(point[1])) for point in part[0]) for part in parts]
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        return []
    closed = all(len(ring) >= 4 and ring[0] == ring[-1] for ring in rings)
    there = all(abs(x) <= 360 and abs(y) <= 90 for ring in rings for x, y in ring)  # not so for nan
    return rings if closed and there else []


def _around(rings: Sequence[Ring]) -> Footprint | None:
    """The box of rings as they stand."""
    if not rings:
        return None
    xs, ys = zip(*(point for ring in rings for point in ring), strict=True)
    turns = 360 * math.floor((min(xs) + 180) / 360)
    west, east = min(xs) - turns, max(xs) - turns
    return Footprint(west=west, south=min(ys), east=east if east <= 180 else east - 360, north=max(ys))


def _across_the_dateline(rings: Sequence[Ring]) -> Footprint | None:
    """The box of rings of which some end at 180 degrees and others at -180; None of other rings."""
    if len(rings) < 2:
        return None
    west, east = (min(x for ring in rings for x, _ in ring), max(x for ring in rings for x, _ in ring))
    if west > -180 + _NEAR or east < 180 - _NEAR:
        return None
    turned = [ring if sum(x for x, _ in ring) > 0 else tuple((x + 360, y) for x, y in ring) for ring in rings]
    wide = max(x for ring in turned for x, _ in ring) - min(x for ring in turned for x, _ in ring)
    return _around(turned) if wide < 360 - _NEAR else None


def _run_on(ring: Ring, box: Footprint) -> Ring:
    """A ring whose longitudes run on past 180 where its box crosses the dateline."""
    if box.west <= box.east:
        return ring
    apart = (box.west + box.east) / 2
    return tuple((x + 360 if x < apart else x, y) for x, y in ring)


def _is_box(ring: Ring) -> bool:
    return len(ring) == 5 and len({x for x, _ in ring}) == 2 and len({y for _, y in ring}) == 2
