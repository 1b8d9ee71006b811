"""Where pixels lie on the Earth: footprints in WGS84 degrees, the dateline and the poles included."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trsllava.records import Footprint, Window

if TYPE_CHECKING:
    from affine import Affine
    from rasterio.crs import CRS

_STEPS = 64
"""Points an edge: an edge that is straight in the raster's projection is a curve in degrees."""
_BOX_FILL = 0.99
"""An outline that fills less of its bounding box than this is kept as a polygon."""
_NORTH_TOLERANCE = 5.0
"""Degrees. UTM's grid north differs from true north by up to 3 degrees within a zone, and "in the north of the
picture" stays true there; a scene in its satellite's orbit, turned by 8 degrees and more, is left out."""
_DECIMALS = 9
"""Of a degree: a tenth of a millimetre, coarse enough to hide the projection's rounding errors at the dateline."""

Degrees = NDArray[np.float64]
Locate = Callable[[Degrees, Degrees], Degrees]
"""Columns and rows of pixels (0, 0 is the outer corner of the first) to `(n, 2)` degrees; NaN where off the Earth."""


def footprint_of(transform: Affine, crs: CRS, window: Window) -> Footprint | None:
    """The footprint of a window of pixels, from the raster's geotransform and coordinate reference system.

    The box encloses the window's outline, whose edges are followed in 64 steps. The polygon is given where the
    outline fills less than 99 % of the box; its edges are within half a pixel (and a thousandth of the longer
    side) of the outline. A window that holds a pole gets a box from -180 to 180 that reaches it. Corners that lie
    off the Earth (full-disk images) are left out. None where no point lies on it, or the CRS has no place on Earth.
    """
    if not (crs.is_geographic or crs.is_projected):
        return None
    return located_footprint(partial(_locate, transform, crs), window, _pole_inside(transform, crs, window))


def located_footprint(locate: Locate, window: Window, pole: float | None = None) -> Footprint | None:
    """The footprint of a window of pixels whose places are known one by one, as `footprint_of` describes it.

    `pole`: the latitude of the pole that the window holds, where that is known; one that its outline winds around
    shows by itself.
    """
    outline = _outline(locate, window)
    if not np.isfinite(outline).all():
        return _box_of_inside(locate, window)
    longitudes = np.unwrap(outline[:, 0], period=360)
    ring = np.column_stack([longitudes, np.clip(outline[:, 1], -90, 90)]).round(_DECIMALS)
    winding = round((ring[-1, 0] - ring[0, 0]) / 360)
    if pole is None and winding:
        pole = math.copysign(90, ring[:, 1].mean())
    south, north = float(ring[:, 1].min()), float(ring[:, 1].max())
    if pole is not None:
        return Footprint(
            west=-180,
            south=min(south, pole),
            east=180,
            north=max(north, pole),
            polygon=_cap(_thinned(ring, window), pole) if winding else None,
        )
    west, east = float(ring[:, 0].min()), float(ring[:, 0].max())
    if east - west >= 360:
        return Footprint(west=-180, south=south, east=180, north=north)
    turns = 360 * math.floor((west + 180) / 360)
    ring[:, 0] -= turns
    west, east = round(west - turns, _DECIMALS), round(east - turns, _DECIMALS)
    fills = _area(ring) >= _BOX_FILL * (east - west) * (north - south)
    return Footprint(
        west=west,
        south=south,
        east=east if east <= 180 else east - 360,
        north=north,
        polygon=None if fills else _pairs(_thinned(ring, window)),
    )


def is_north_up(transform: Affine, crs: CRS, window: Window) -> bool:
    """True where, at the window's centre, rows run to the true south and columns to the east within 5 degrees."""
    return is_located_north_up(partial(_locate, transform, crs), window)


def is_located_north_up(locate: Locate, window: Window) -> bool:
    """The same where the places of pixels are known one by one."""
    col, row = window.col + window.width / 2, window.row + window.height / 2
    points = locate(np.array([col, col, col + 1]), np.array([row, row + 1, row]))
    steps = points[1:] - points[0]
    steps[:, 0] = (steps[:, 0] + 180) % 360 - 180
    steps[:, 0] *= math.cos(math.radians(points[0, 1]))
    if not np.isfinite(steps).all() or not steps.any(axis=1).all():
        return False
    (down_east, down_north), (right_east, right_north) = steps
    turned = (math.atan2(-down_east, -down_north), math.atan2(right_north, right_east))
    return max(map(abs, turned)) <= math.radians(_NORTH_TOLERANCE)


def meets(footprint: Footprint, box: Footprint) -> bool:
    """True where a footprint and a bounding box have at least a point in common, the dateline included.

    Exact for the footprint's polygon, any simple ring; of `box` the four sides count, never a polygon.
    """
    turns = (-360.0, 0.0, 360.0)
    if not _overlap(footprint.south, footprint.north, box.south, box.north) or not any(
        _overlap(footprint.west, footprint.unwrapped_east, box.west + turn, box.unwrapped_east + turn)
        for turn in turns
    ):
        return False
    ring = footprint.polygon
    return ring is None or any(
        _ring_meets(ring, box.west + turn, box.south, box.unwrapped_east + turn, box.north) for turn in turns
    )


def _overlap(low: float, high: float, other_low: float, other_high: float) -> bool:
    return low <= other_high and other_low <= high


Ring = tuple[tuple[float, float], ...]


def _ring_meets(ring: Ring, west: float, south: float, east: float, north: float) -> bool:
    if any(west <= x <= east and south <= y <= north for x, y in ring):
        return True
    sides = list(pairwise(ring))
    if any(_side_meets(start, end, west, south, east, north) for start, end in sides):
        return True
    # No side touches the box: it lies wholly inside the ring or wholly outside, so any one point of it tells.
    crossings = 0
    for (x1, y1), (x2, y2) in sides:
        if (y1 > south) != (y2 > south) and west < x1 + (south - y1) / (y2 - y1) * (x2 - x1):
            crossings += 1
    return crossings % 2 == 1


def _side_meets(
    start: tuple[float, float], end: tuple[float, float], west: float, south: float, east: float, north: float
) -> bool:
    """Clip a line to a box (Liang and Barsky, ACM Transactions on Graphics 3(1), 1984): is anything left?"""
    enters, leaves = 0.0, 1.0
    for position, target, low, high in ((start[0], end[0], west, east), (start[1], end[1], south, north)):
        step = target - position
        if step == 0:
            if not low <= position <= high:
                return False
            continue
        near, far = sorted(((low - position) / step, (high - position) / step))
        enters, leaves = max(enters, near), min(leaves, far)
    return enters <= leaves


def _outline(locate: Locate, window: Window) -> Degrees:
    """`(4 * 64 + 1, 2)` longitudes and latitudes along the window's edge, clockwise in pixels, closed."""
    there = np.linspace(0, 1, _STEPS, endpoint=False)
    back, low, high = 1 - there, np.zeros(_STEPS), np.ones(_STEPS)
    cols = np.concatenate([there, high, back, low, [0]]) * window.width + window.col
    rows = np.concatenate([low, there, high, back, [0]]) * window.height + window.row
    return locate(cols, rows)


def _locate(transform: Affine, crs: CRS, cols: Degrees, rows: Degrees) -> Degrees:
    """Pixel positions (0, 0 is the outer corner of the first pixel) to `(n, 2)` degrees; NaN where off the Earth."""
    xs = transform.a * cols + transform.b * rows + transform.c
    ys = transform.d * cols + transform.e * rows + transform.f
    return projected(crs, "EPSG:4326", xs, ys)


def projected(source: CRS | str, target: CRS | str, xs: Degrees, ys: Degrees) -> Degrees:
    """Points of one coordinate reference system as `(n, 2)` in another; NaN where a point has no place there."""
    from rasterio.warp import transform as warp

    try:
        points = np.column_stack(warp(source, target, xs, ys)).astype(np.float64)
    except Exception:  # one point outside of the projection fails them all, with an error of no public class
        if len(xs) == 1:
            return np.full((1, 2), np.nan)
        return np.concatenate([projected(source, target, xs[i : i + 1], ys[i : i + 1]) for i in range(len(xs))])
    points[~np.isfinite(points).all(axis=1)] = np.nan
    return points


def _box_of_inside(locate: Locate, window: Window) -> Footprint | None:
    """The box of those points of a 65 x 65 grid that lie on the Earth."""
    cols, rows = np.meshgrid(np.linspace(0, window.width, 65), np.linspace(0, window.height, 65))
    points = locate(cols.ravel() + window.col, rows.ravel() + window.row)
    points = points[np.isfinite(points).all(axis=1)].round(_DECIMALS)
    if not len(points):
        return None
    # The narrowest range that holds all longitudes begins after the widest gap between neighbours.
    longitudes = np.unique((points[:, 0] + 180) % 360 - 180)
    gaps = np.diff(longitudes, append=longitudes[0] + 360)
    widest = int(gaps.argmax())
    return Footprint(
        west=float(longitudes[(widest + 1) % len(longitudes)]),
        south=float(max(points[:, 1].min(), -90)),
        east=float(longitudes[widest]),
        north=float(min(points[:, 1].max(), 90)),
    )


def _pole_inside(transform: Affine, crs: CRS, window: Window) -> float | None:
    """The latitude of the pole that lies in the window or on its edge. In a geographic CRS a pole is a line, an
    ordinary edge of the world's map, and needs no care."""
    if crs.is_geographic:
        return None
    inverse = ~transform
    for latitude in (90.0, -90.0):
        x, y = projected("EPSG:4326", crs, np.zeros(1), np.array([latitude]))[0]
        col = inverse.a * x + inverse.b * y + inverse.c - window.col
        row = inverse.d * x + inverse.e * y + inverse.f - window.row
        if -1e-6 <= col <= window.width + 1e-6 and -1e-6 <= row <= window.height + 1e-6:
            return latitude
    return None


def _cap(ring: Degrees, pole: float) -> Ring:
    """A ring around a pole as the world's map shows it: from -180 to 180, closed along the pole's line."""
    if ring[-1, 0] < ring[0, 0]:
        ring = ring[::-1]
    ring = ring - [360 * math.floor((ring[0, 0] + 180) / 360), 0]
    at_dateline = np.interp(180, ring[:, 0], ring[:, 1])
    beyond = ring[:-1, 0] >= 180
    edge = np.concatenate([[[-180, at_dateline]], ring[:-1][beyond] - [360, 0], ring[:-1][~beyond]])
    return _pairs(np.concatenate([edge, [[180, at_dateline], [180, pole], [-180, pole]], edge[:1]]))


def _thinned(ring: Degrees, window: Window) -> Degrees:
    """The outline without points that change it by less than half a pixel, or a thousandth of the longer side."""
    extent = np.ptp(ring, axis=0).max()
    tolerance = extent * min(0.5 / max(window.width, window.height), 1e-3)
    edges = [_thin_edge(ring[i * _STEPS : (i + 1) * _STEPS + 1], tolerance)[:-1] for i in range(4)]
    return np.concatenate([*edges, ring[-1:]])


def _thin_edge(points: Degrees, tolerance: float) -> Degrees:
    """Douglas and Peucker, Cartographica 10(2), 1973."""
    chord = points[-1] - points[0]
    length = math.hypot(*chord)
    offsets = points - points[0]
    if length:
        distances = np.abs(chord[0] * offsets[:, 1] - chord[1] * offsets[:, 0]) / length
    else:
        distances = np.hypot(offsets[:, 0], offsets[:, 1])
    farthest = int(distances.argmax())
    if distances[farthest] <= tolerance:
        return points[[0, -1]]
    first, second = points[: farthest + 1], points[farthest:]
    return np.concatenate([_thin_edge(first, tolerance)[:-1], _thin_edge(second, tolerance)])


def _area(ring: Degrees) -> float:
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2


def _pairs(ring: Degrees) -> Ring:
    return tuple((float(x), float(y)) for x, y in ring.round(_DECIMALS))
