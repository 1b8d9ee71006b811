"""The area that a named place stands for, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from trsllava.places.area import area_of, circle
from trsllava.places.gazetteer import Place, shape_of
from trsllava.places.words import NamedPlace
from trsllava.records import Area, Ring

_NEAR = 25.0
"""Kilometres."""
_TOWNS = ((5_000_000, 40.0), (1_000_000, 25.0), (0, 15.0))
"""A town of so many inhabitants reaches so far, in km."""
_ROUNDED = {"country": 2.0, "sea": 2.0, "province": 5.0}
"""Outlines are simplified; so many kilometres around them are taken along."""


def area_named(named: NamedPlace) -> Area:
    """Where a query wants its tiles to lie."""
    place, km = named.place, reach_km(named)
    if not place.key:
        return circle(place.lon, place.lat, km)
    shape = shape_of(place.key)
    rings = [part for ring in shape.rings if len(part := _part(ring, named.part, place)) > 3]
    return area_of(rings or shape.rings, shape.lines, km)


def reach_km(named: NamedPlace) -> float:
    """How far the area reaches around the place's middle or outline."""
    place = named.place
    if named.km is not None:
        return named.km
    if place.key:
        return place.width + _ROUNDED.get(place.kind, 0.0) + (_NEAR if named.relation == "near" else 0.0)
    if place.kind == "point":
        return _NEAR
    within = next(km for people, km in _TOWNS if place.population >= people)
    return max(_NEAR, within + 10) if named.relation == "near" else within


def told_place(named: NamedPlace) -> str:
    """`near Rotterdam, NL: 51.92, 4.48, 25 km`."""
    place = named.place
    if place.key:
        around = f", {reach_km(named):g} km around" if named.relation in ("near", "within") else ""
        return f"{_preposition(named)} {label(named)}{around}"
    where = "" if place.kind == "point" else f": {place.lat:.2f}, {place.lon:.2f}"
    return f"{_preposition(named)} {place.label}{where}, {reach_km(named):g} km"


def label(named: NamedPlace) -> str:
    """The place with the part of it that is meant: `northern Italy`."""
    part = named.part if named.place.key else ""
    if not part:
        return named.place.label
    return f"{part if part == 'central' else part + 'ern'} {named.place.label}"


def _preposition(named: NamedPlace) -> str:
    if named.relation == "within" or (named.relation == "in" and named.place.kind == "river"):
        return "near"
    return named.relation


def _part(ring: Ring, part: str, place: Place) -> Ring:
    """What of a ring lies in the northern, eastern … half of the place's box, or in its middle."""
    if not part or place.box is None:
        return ring
    west, south, east, north = place.box
    lon, lat = (west + east) / 2, (south + north) / 2
    if part == "central":
        wide, high = (east - west) / 4, (north - south) / 4
        cuts = [(0, lon - wide, 1), (0, lon + wide, -1), (1, lat - high, 1), (1, lat + high, -1)]
    else:
        cuts = [(1, lat, 1)] * ("north" in part) + [(1, lat, -1)] * ("south" in part)
        cuts += [(0, lon, 1)] * ("east" in part) + [(0, lon, -1)] * ("west" in part)
    for axis, limit, sign in cuts:
        ring = _cut(ring, axis, limit, sign)
    return ring


def _cut(ring: Sequence[tuple[float, float]], axis: int, limit: float, sign: int) -> Ring:
    """A closed ring without what lies beyond a limit (Sutherland and Hodgman, CACM 17(1), 1974)."""
    kept: list[tuple[float, float]] = []
    for before, corner in pairwise(ring):
        inside, was = sign * (corner[axis] - limit) >= 0, sign * (before[axis] - limit) >= 0
        if inside != was:
            share = (limit - before[axis]) / (corner[axis] - before[axis])
            kept.append((before[0] + share * (corner[0] - before[0]), before[1] + share * (corner[1] - before[1])))
        if inside:
            kept.append(corner)
    return (*kept, kept[0]) if kept else ()
