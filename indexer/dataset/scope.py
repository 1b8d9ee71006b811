"""Whether a picture shows an object, or only a corner of it: LuojiaHOG's scope problem (section 3.1.3, Fig. 3),
decided from geometry."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Shape = Any
"""A shapely geometry in degrees."""


@dataclass(frozen=True)
class Presence:
    """How much of a tile a label's objects take, and how much of them it shows."""

    of_object: float = 0.0
    """Share of an object that lies in the tile, of the one that is shown best: of its area, of a line its length."""
    of_tile: float = 0.0
    """Share of the tile that its areas cover together."""
    of_side: float = 0.0
    """Length of its lines in the tile, in sides of the tile."""
    inner_points: int = 0
    """Its points that do not lie along the tile's edge."""

    def __add__(self, other: Presence) -> Presence:
        return Presence(
            max(self.of_object, other.of_object),
            self.of_tile + other.of_tile,
            self.of_side + other.of_side,
            self.inner_points + other.inner_points,
        )


NOWHERE = Presence()


@dataclass(frozen=True)
class Scope:
    """What must be seen of a label's objects for the label to stay; any one of these is enough."""

    of_object: float = 0.5
    of_tile: float = 0.05
    of_side: float = 0.25
    margin: float = 0.05
    """Points count that are farther from the edge than this share of the tile's side."""

    def keeps(self, seen: Presence) -> bool:
        """False where the objects lie only at the tile's edge."""
        return (
            seen.of_object >= self.of_object
            or seen.of_tile >= self.of_tile
            or seen.of_side >= self.of_side
            or seen.inner_points > 0
        )


USUAL_SCOPE = Scope()


def presence(shape: Shape, tile: Shape, margin: float = Scope.margin) -> Presence | None:
    """How a tile shows an object: polygons, lines, points or a collection of them. None where they do not meet.

    An object of several parts is one object. `tile`: a polygon, or the two parts of one that crosses the dateline.
    """
    if not shape.intersects(tile):
        return None
    parts = list(_parts(shape))
    areas = [part for part in parts if part.area > 0]
    lines = [_as_on_the_ground(part, tile) for part in parts if part.area == 0 and part.length > 0]
    points = [part for part in parts if part.length == 0]
    found = NOWHERE
    if areas:
        covered = sum(part.intersection(tile).area for part in areas)
        found += Presence(covered / sum(part.area for part in areas), covered / tile.area)
    if lines:
        ground = _as_on_the_ground(tile, tile)
        inside = sum(part.intersection(ground).length for part in lines)
        found += Presence(inside / sum(part.length for part in lines), of_side=inside / ground.area**0.5)
    return found + Presence(inner_points=sum(_is_inner(point, tile, margin) for point in points))


def _parts(shape: Shape) -> Iterator[Shape]:
    """Polygons, lines and points that a geometry consists of, however nested."""
    if hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from _parts(part)
    elif not shape.is_empty:
        yield shape


def _as_on_the_ground(shape: Shape, tile: Shape) -> Shape:
    """In degrees that are as long to the east as to the north, so that lengths can be compared."""
    from shapely import affinity

    _, south, _, north = tile.bounds
    return affinity.scale(shape, math.cos(math.radians((south + north) / 2)), 1, origin=(0, 0))


def _is_inner(point: Shape, tile: Shape, margin: float) -> bool:
    """True beyond a strip along the tile's edge. The tile is squeezed as degrees of longitude are, so east and west
    too."""
    import shapely
    from shapely import affinity

    west, _, east, _ = tile.bounds
    if east - west > 180:  # its parts lie on either side of the dateline
        tile = shapely.union_all([affinity.translate(part, 360 * (part.bounds[2] <= 0)) for part in _parts(tile)])
        point = shapely.Point(point.x % 360, point.y)
    inner = 1 - 2 * margin
    return bool(affinity.scale(tile, inner, inner, origin="center").contains(point))
