"""Where to look: a box in degrees or the polygons of a GeoJSON file."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trsllava.errors import InputError, Parameter
from trsllava.records import Footprint

Ring = NDArray[np.float64]
_SHOWN = 80
"""Characters of what was given in a message."""
WHOLE_EARTH = Footprint(west=-180, south=-90, east=180, north=90)


@dataclass(frozen=True)
class Area:
    """A box, and the polygons within it that count; without polygons the whole box."""

    box: Footprint = WHOLE_EARTH
    polygons: tuple[tuple[Ring, ...], ...] = ()
    """Each an outer ring and its holes, `(n, 2)` degrees."""

    def __str__(self) -> str:
        box = f"{self.box.west:g}, {self.box.south:g}, {self.box.east:g}, {self.box.north:g}"
        if self.polygons:
            return f"{len(self.polygons)} polygon{'s' * (len(self.polygons) != 1)} within {box}"
        return "the whole Earth" if self.box == WHOLE_EARTH else box

    def holds(self, longitudes: ArrayLike, latitudes: ArrayLike) -> NDArray[np.bool_]:
        """Which points lie inside, the box's west and south sides included. Not-finite points do not."""
        x, y = np.atleast_1d(np.asarray(longitudes, float)), np.atleast_1d(np.asarray(latitudes, float))
        with np.errstate(invalid="ignore"):
            east = self.box.unwrapped_east
            across = ((x >= self.box.west) & (x <= east)) | (x + 360 <= east)
            inside: NDArray[np.bool_] = across & (y >= self.box.south) & (y <= self.box.north)
        if self.polygons:
            among = np.flatnonzero(inside)
            inside[among] = np.any([_in_polygon(rings, x[among], y[among]) for rings in self.polygons], axis=0)
        return inside


EVERYWHERE = Area()


def parse_area(text: str) -> Area:
    """`west,south,east,north` in degrees, or the path of a GeoJSON file with polygons. Raises InputError."""
    parts = text.split(",")
    if len(parts) == 4:
        try:
            west, south, east, north = map(float, parts)
            return Area(Footprint(west=west, south=south, east=east, north=north))
        except ValueError as error:
            raise _no_area(text) from error
    path = Path(text)
    if not os.path.isfile(text):  # which `Path` cannot say of text that is too long for a name
        raise _no_area(text)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        polygons = tuple(polygon for polygon in _polygons(document) if polygon and len(polygon[0]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{path} is no GeoJSON file of an area.") from error
    if not polygons:
        raise InputError(f"{path} holds no polygon.")
    corners = np.concatenate([rings[0] for rings in polygons])
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise InputError(f"{path} is not in degrees of longitude and latitude, as GeoJSON must be.")
    return Area(Footprint(west=west, south=south, east=east, north=north), polygons)


def _no_area(text: str) -> InputError:
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    form = "west,south,east,north in degrees or a GeoJSON file"
    return InputError(Parameter("area"), f" expects {form}, not {shown!r}.")


def _polygons(document: dict[str, Any]) -> list[tuple[Ring, ...]]:
    match document["type"]:
        case "FeatureCollection":
            return [polygon for feature in document["features"] for polygon in _polygons(feature)]
        case "Feature":
            return _polygons(document["geometry"]) if document["geometry"] else []
        case "GeometryCollection":
            return [polygon for part in document["geometries"] for polygon in _polygons(part)]
        case "Polygon":
            return [_rings(document["coordinates"])]
        case "MultiPolygon":
            return [_rings(rings) for rings in document["coordinates"]]
    return []


def _rings(given: list[Any]) -> tuple[Ring, ...]:
    return tuple(np.array([(x, y) for x, y, *_ in ring], np.float64).reshape(-1, 2) for ring in given)


def _in_polygon(rings: tuple[Ring, ...], x: Ring, y: Ring) -> NDArray[np.bool_]:
    """By the even-odd rule, so that holes need no care."""
    inside = np.zeros(x.shape, np.bool_)
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if y1 != y2:
                inside ^= ((y1 > y) != (y2 > y)) & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return inside
