"""Whether a picture shows an object, or only a corner of it: LuojiaHOG's scope problem (section 3.1.3, Fig. 3),
decided from geometry."""

from __future__ import annotations

from collections.abc import Iterable
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

    `tile`: a polygon, or the two parts of one that crosses the dateline.
    """
    import shapely

    if not shape.intersects(tile):
        return None
    found = NOWHERE
    for part in _parts(shape):
        inside = part.intersection(tile)
        if inside.is_empty:
            continue
        if part.area > 0:
            found += Presence(inside.area / shape.area, inside.area / tile.area)
        elif part.length > 0:
            found += Presence(inside.length / shape.length, of_side=inside.length / tile.area**0.5)
        else:
            found += Presence(inner_points=int(_core(tile, margin).contains(shapely.Point(part.coords[0]))))
    return found


def _parts(shape: Shape) -> Iterable[Shape]:
    import shapely

    yield from shapely.get_parts(shape) if hasattr(shape, "geoms") else (shape,)


def _core(tile: Shape, margin: float) -> Shape:
    """The tile without a strip along its edge. It is squeezed as degrees of longitude are, so east and west too."""
    from shapely import affinity

    inner = 1 - 2 * margin
    return affinity.scale(tile, inner, inner, origin="center")
