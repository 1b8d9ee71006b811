"""Areas of any outline: what lies in them, and the boxes that hold them. The dateline and the poles included."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from trsllava.places.gazetteer import EARTH_KM
from trsllava.records import Area, Footprint, Ring

_BOXES = 16
"""The most that an area is held by."""
_PIECES = 8
"""A tile's edge is followed in so many: straight in degrees, it is a curve on the globe."""
_DEGREE_KM = EARTH_KM * math.pi / 180

Points = NDArray[np.float64]


def circle(lon: float, lat: float, km: float) -> Area:
    """All that lies within so many kilometres of a point."""
    return area_of(lines=(((lon, lat),),), km=km)


def area_of(rings: Sequence[Ring] = (), lines: Sequence[Ring] = (), km: float = 0.0) -> Area:
    """The area of rings and lines and `km` around them, with the boxes that hold it."""
    area = Area(boxes=(), rings=tuple(rings), lines=tuple(lines), km=km)
    return area.model_copy(update={"boxes": tuple(_cover(area))})


class Ground:
    """An area, ready to be asked which footprints meet it."""

    def __init__(self, area: Area) -> None:
        self._km = area.km
        self._rings = [np.asarray(ring, float) for ring in area.rings]
        lines = [*self._rings, *(np.asarray(line, float) for line in area.lines)]
        self._starts = np.concatenate([line[: max(len(line) - 1, 1)] for line in lines])
        self._ends = np.concatenate([line[1:] if len(line) > 1 else line for line in lines])
        self._from, self._to = _unit(self._starts), _unit(self._ends)

    def meets(self, footprint: Footprint) -> bool:
        """True where a footprint and the area have a point in common."""
        corners = outline(footprint)
        if any(self._touches(corners + np.array([turn, 0.0])) for turn in (-360.0, 0.0, 360.0)):
            return True
        return self._km > 0 and self._apart(corners) <= self._km

    def holds(self, lon: float, lat: float) -> bool:
        """True where a point lies in a ring."""
        return any(_inside(np.array([[lon + turn, lat]]), self._rings)[0] for turn in (-360.0, 0.0, 360.0))

    def _touches(self, corners: Points) -> bool:
        """Whether the area's rings and lines themselves meet a closed ring of corners, in degrees."""
        low, high = corners.min(axis=0), corners.max(axis=0)
        near = (np.minimum(self._starts, self._ends) <= high) & (np.maximum(self._starts, self._ends) >= low)
        starts, ends = self._starts[near.all(axis=1)], self._ends[near.all(axis=1)]
        if len(starts) and (_inside(starts, [corners]).any() or _cross(starts, ends, corners[:-1], corners[1:])):
            return True
        return bool(self._rings) and bool(_inside(corners[:1], self._rings)[0])

    def _apart(self, corners: Points) -> float:
        """Kilometres between the area's rings and lines and a closed ring that they do not touch."""
        steps = np.linspace(0, 1, _PIECES, endpoint=False)[:, None, None]
        edge = _unit((corners[:-1] + steps * (corners[1:] - corners[:-1])).transpose(1, 0, 2).reshape(-1, 2))
        nearest = min(
            _least_chord(edge, self._from, self._to), _least_chord(self._from, edge, np.roll(edge, -1, axis=0))
        )
        return EARTH_KM * 2 * math.asin(min(nearest / 2, 1.0))


def outline(footprint: Footprint) -> Points:
    """A footprint's closed ring, `(n, 2)` longitudes and latitudes; longitudes run on past 180."""
    if footprint.polygon is not None:
        return np.asarray(footprint.polygon, float)
    west, east, south, north = footprint.west, footprint.unwrapped_east, footprint.south, footprint.north
    return np.array([(west, south), (east, south), (east, north), (west, north), (west, south)])


def middle(footprint: Footprint) -> tuple[float, float]:
    """The longitude and latitude of a footprint's middle."""
    lon = (footprint.west + footprint.unwrapped_east) / 2
    return lon - 360 if lon > 180 else lon, (footprint.south + footprint.north) / 2


def _cover(area: Area) -> Iterator[Footprint]:
    """Boxes around an area: the largest is halved, and a half without any of it left out, until there are enough."""
    ground = Ground(area)
    box = _joined(list(_around(area)))
    boxes = [(-_size(box), box)]
    if len(area.lines) == 1 and len(area.lines[0]) == 1:  # a circle fills its box
        return iter([_footprint(box)])
    while 0 < len(boxes) < _BOXES:
        _, (west, south, east, north) = heapq.heappop(boxes)
        if (east - west) * math.cos(math.radians((south + north) / 2)) > north - south:
            half = (west + east) / 2
            halves = [(west, south, half, north), (half, south, east, north)]
        else:
            half = (south + north) / 2
            halves = [(west, south, east, half), (west, half, east, north)]
        for box in halves:
            if ground.meets(_footprint(box)):
                heapq.heappush(boxes, (-_size(box), box))
    return (_footprint(box) for _, box in sorted(boxes))


Box = tuple[float, float, float, float]


def _size(box: Box) -> float:
    west, south, east, north = box
    return (east - west) * (math.sin(math.radians(north)) - math.sin(math.radians(south)))


def _around(area: Area) -> Iterator[Box]:
    """A box around each ring or line and what lies within the area's kilometres of it; east runs on past 180."""
    reach = math.degrees(area.km / EARTH_KM)
    for line in (*area.rings, *area.lines):
        corners = np.asarray(line, float)
        (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
        low, high = south - reach, north + reach
        widest = max(abs(low), abs(high))
        if widest >= 90 or east - west >= 360:
            yield -180.0, max(low, -90.0), 180.0, min(high, 90.0)
            continue
        aside = math.degrees(math.asin(min(math.sin(math.radians(reach)) / math.cos(math.radians(widest - reach)), 1)))
        if east - west + 2 * aside >= 360:
            yield -180.0, low, 180.0, high
        else:
            yield west - aside, low, east + aside, high


def _joined(boxes: Sequence[Box]) -> Box:
    """One box around all: of longitudes, all but the widest gap between them."""
    south, north = min(box[1] for box in boxes), max(box[3] for box in boxes)
    spans = sorted((west - 360 * math.floor((west + 180) / 360), east - west) for west, _, east, _ in boxes)
    gaps = []
    reach = max(west + width for west, width in spans) - 360
    for west, width in spans:
        gaps.append((west - reach, west))
        reach = max(reach, west + width)
    gap, west = max(gaps)
    return (-180.0, south, 180.0, north) if gap <= 0 else (west, south, west + 360 - gap, north)


def _footprint(box: Box) -> Footprint:
    west, south, east, north = box
    if east - west >= 360:
        return Footprint(west=-180, south=south, east=180, north=north)
    turns = 360 * math.floor((west + 180) / 360)
    west, east = west - turns, east - turns
    return Footprint(west=west, south=south, east=east if east <= 180 else east - 360, north=north)


def _inside(points: Points, rings: Sequence[Points]) -> NDArray[np.bool_]:
    """Which of n points lie in an odd number of rings."""
    crossings = np.zeros(len(points), int)
    for ring in rings:
        (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
        x, y = points[:, :1], points[:, 1:]
        between = (y1 > y) != (y2 > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            crossings += (between & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)).sum(axis=1)
    odd: NDArray[np.bool_] = crossings % 2 == 1
    return odd


def _cross(starts: Points, ends: Points, others: Points, other_ends: Points) -> bool:
    """Whether one of n segments meets one of m others."""
    a, b, c, d = starts[:, None], ends[:, None], others[None], other_ends[None]
    apart = (_side(a, b, c) * _side(a, b, d) > 0) | (_side(c, d, a) * _side(c, d, b) > 0)
    low = np.maximum(np.minimum(a, b), np.minimum(c, d))
    high = np.minimum(np.maximum(a, b), np.maximum(c, d))
    return bool((~apart & (low <= high).all(axis=-1)).any())


def _side(a: Points, b: Points, c: Points) -> Points:
    side: Points = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (
        c[..., 0] - a[..., 0]
    )
    return side


def _least_chord(points: Points, starts: Points, ends: Points) -> float:
    """The least distance of n points from m segments, `(n, 3)` and `(m, 3)` on the unit sphere."""
    least = math.inf
    for begin in range(0, len(starts), 4096):
        a, along = starts[begin : begin + 4096], (ends - starts)[begin : begin + 4096]
        length = np.maximum((along**2).sum(axis=1), 1e-30)
        share = np.clip(((points[:, None] - a) * along).sum(axis=-1) / length, 0, 1)
        foot = a + share[..., None] * along
        least = min(least, float(((points[:, None] - foot) ** 2).sum(axis=-1).min()))
    return math.sqrt(least)


def _unit(points: Points) -> Points:
    lon, lat = np.radians(points).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
