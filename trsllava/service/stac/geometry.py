"""The geometry of `intersects`."""

from __future__ import annotations

import json
from typing import Any

import shapely

from trsllava.raster.geometry import geometry_of
from trsllava.records import Footprint, Tile
from trsllava.service.problems import Problem

_TYPES = (
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
_MOST_POSITIONS = 10_000


class Geometry:
    """A GeoJSON geometry (RFC 7946) that tiles are compared with."""

    def __init__(self, given: object) -> None:
        """`given`: parsed JSON. Raises Problem (400) for what is no geometry on the Earth, or too long a one."""
        if not isinstance(given, dict) or given.get("type") not in _TYPES:
            raise _bad("must be a GeoJSON geometry")
        try:
            shape = shapely.from_geojson(json.dumps(given))
        except (shapely.GEOSException, ValueError, RecursionError):
            raise _bad("is no GeoJSON geometry that can be read") from None
        if shapely.get_num_coordinates(shape) > _MOST_POSITIONS:
            raise _bad(f"has more than {_MOST_POSITIONS:,} positions")
        if shape.is_empty:
            raise _bad("is empty")
        west, south, east, north = shape.bounds
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise _bad("must lie within 180 degrees of longitude and 90 of latitude; cut it at the dateline")
        self.box = Footprint(west=west, south=south, east=east, north=north)
        self._shape = shape if shape.is_valid else shapely.make_valid(shape)
        shapely.prepare(self._shape)

    def meets(self, tile: Tile) -> bool:
        """True where a tile's footprint has a point in common with the geometry."""
        return tile.footprint is not None and bool(shapely.intersects(self._shape, _shape_of(tile.footprint)))


def _shape_of(footprint: Footprint) -> Any:
    shape = shapely.from_geojson(json.dumps(geometry_of(footprint)))
    return shape if shape.is_valid else shapely.make_valid(shape)


def _bad(said: str) -> Problem:
    return Problem(400, "bad-request", f"intersects: {said}.")
