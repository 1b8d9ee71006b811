"""How the pixels of a file are placed on the Earth: by a geotransform, by ground control points or by RPCs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from trsllava.raster.footprint import (
    Degrees,
    Locate,
    footprint_of,
    is_located_north_up,
    is_north_up,
    located_footprint,
    projected,
)
from trsllava.records import Footprint, Window

if TYPE_CHECKING:
    from affine import Affine
    from rasterio.control import GroundControlPoint
    from rasterio.crs import CRS
    from rasterio.rpc import RPC

_FITTED = 0.25
"""Pixels: where GDAL's polynomial misses a ground control point by more, a thin-plate spline through all is taken."""
_MOST_POINTS = 2_000
"""A spline's equations grow with the square of its points."""


class Placement(Protocol):
    """Where windows of stored pixels lie."""

    @property
    def told(self) -> str:
        """How the place is known, where that is not exactly; else empty."""
        ...

    def footprint(self, window: Window) -> Footprint | None:
        """None where no point of the window lies on the Earth."""
        ...

    def is_north_up(self, window: Window) -> bool:
        """True where rows run from north to south there."""
        ...


@dataclass(frozen=True)
class Geotransform:
    """Rows and columns that are straight lines in a coordinate reference system."""

    transform: Affine
    crs: CRS
    told: str = ""

    def footprint(self, window: Window) -> Footprint | None:
        """See `Placement`."""
        return footprint_of(self.transform, self.crs, window)

    def is_north_up(self, window: Window) -> bool:
        """See `Placement`."""
        return is_north_up(self.transform, self.crs, window)


@dataclass(frozen=True)
class Warped:
    """Pixels that a sensor has seen from aslant or along its orbit: each has a place, and no straight line has."""

    locate: Locate
    told: str

    def footprint(self, window: Window) -> Footprint | None:
        """See `Placement`."""
        return located_footprint(self.locate, window)

    def is_north_up(self, window: Window) -> bool:
        """See `Placement`."""
        return is_located_north_up(self.locate, window)


@dataclass(frozen=True)
class Somewhere:
    """A place that is known for the whole picture alone; each part of it lies somewhere within."""

    whole: Footprint
    told: str

    def footprint(self, window: Window) -> Footprint | None:  # noqa: ARG002
        """See `Placement`."""
        return self.whole

    def is_north_up(self, window: Window) -> bool:  # noqa: ARG002
        """See `Placement`."""
        return False


def placement_of(dataset: Any) -> Placement | None:
    """How an open rasterio dataset is placed; None where it is not.

    A geotransform comes first, then ground control points, then rational polynomial coefficients (RPCs).
    """
    if dataset.crs is not None and not dataset.transform.is_identity:
        return Geotransform(dataset.transform, dataset.crs)
    points, crs = dataset.gcps
    if len(points) >= 3 and crs is not None and (crs.is_geographic or crs.is_projected):
        return by_points(points, crs)
    return None if dataset.rpcs is None else by_rpcs(dataset.rpcs)


def by_points(points: Sequence[GroundControlPoint], crs: CRS) -> Placement | None:
    """Placed by ground control points, through GDAL's own transformers: its polynomial where that meets every point
    within a quarter of a pixel, else a thin-plate spline through all. None where no surface goes through them."""
    from rasterio.control import GroundControlPoint
    from rasterio.errors import TransformError
    from rasterio.transform import GCPTransformer

    xs = np.array([point.x for point in points], np.float64)
    if crs.is_geographic:  # a scene that crosses the dateline is one all the same
        xs = xs - 360 * np.round((xs - xs[0]) / 360)
    pixels = np.array([(point.col, point.row) for point in points], np.float64)
    if not (_spans(pixels) and _spans(np.column_stack([xs, [point.y for point in points]]))):
        return None
    sane = [GroundControlPoint(p.row, p.col, x, p.y, p.z or 0.0) for p, x in zip(points, xs.tolist(), strict=True)]
    try:
        fitted = GCPTransformer(sane, tps=False)
        if len(sane) <= _MOST_POINTS and not _meets(fitted, sane):
            fitted = GCPTransformer(sane, tps=True)
        missing = not np.isfinite(_transformed(fitted, np.zeros(1), np.zeros(1))).all()
    except (TransformError, ValueError, RuntimeError):
        return None
    if missing:
        return None

    def locate(cols: Degrees, rows: Degrees) -> Degrees:
        x, y = _transformed(fitted, cols, rows).T
        return projected(crs, "EPSG:4326", x, y)

    return Warped(locate, f"{len(points)} ground control points")


def by_rpcs(rpcs: RPC) -> Placement:
    """Placed by rational polynomial coefficients (RPC00B), on ground of the coefficients' mean height."""
    from rasterio.transform import RPCTransformer

    height = float(rpcs.height_off)
    transformer = RPCTransformer(rpcs, RPC_HEIGHT=height)

    def locate(cols: Degrees, rows: Degrees) -> Degrees:
        return _transformed(transformer, cols, rows)

    return Warped(locate, f"RPCs at a height of {height:g} m")


def _spans(points: Degrees) -> bool:
    """True where points do not all lie on one line."""
    if not np.isfinite(points).all():
        return False
    width, height = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(height > 1e-9 * width)


def _transformed(transformer: Any, cols: Degrees, rows: Degrees) -> Degrees:
    """`(n, 2)`: x and y of pixel positions, (0, 0) the outer corner of the first; NaN where there is none."""
    xs, ys = transformer.xy(rows, cols, offset="ul")
    points = np.column_stack([np.asarray(xs, np.float64), np.asarray(ys, np.float64)])
    points[~np.isfinite(points).all(axis=1)] = np.nan
    return points


def _meets(transformer: Any, points: Sequence[GroundControlPoint]) -> bool:
    """True where a transformer places every point within a quarter of a pixel."""
    cols, rows = (np.array([getattr(point, name) for point in points], np.float64) for name in ("col", "row"))
    placed = _transformed(transformer, cols, rows)
    wanted = np.array([(point.x, point.y) for point in points], np.float64)
    step_right = _transformed(transformer, cols + 1, rows) - placed
    step_down = _transformed(transformer, cols, rows + 1) - placed
    (ax, ay), (bx, by), (dx, dy) = step_right.T, step_down.T, (wanted - placed).T
    area = ax * by - ay * bx
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.hypot((dx * by - dy * bx) / area, (ax * dy - ay * dx) / area)
    return bool(np.all(off <= _FITTED))
