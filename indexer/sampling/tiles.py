"""The squares of ground around sample points."""

from __future__ import annotations

import math

from indexer.sampling.sample import SamplePoint
from trsllava.records import Footprint

_METRES_A_DEGREE = 6_371_008.8 * math.pi / 180


def square_around(point: SamplePoint, metres: float) -> Footprint:
    """A square of so many metres a side, in degrees. At a pole it reaches around the Earth."""
    half = metres / 2 / _METRES_A_DEGREE
    south, north = max(-90.0, point.latitude - half), min(90.0, point.latitude + half)
    narrowing = math.cos(math.radians(max(abs(south), abs(north))))
    across = half / narrowing if narrowing > half / 180 else 180.0
    if across >= 180:
        return Footprint(west=-180, south=south, east=180, north=north)
    return Footprint(
        west=_wrapped(point.longitude - across), south=south, east=_wrapped(point.longitude + across), north=north
    )


def _wrapped(longitude: float) -> float:
    return longitude if -180 <= longitude <= 180 else (longitude + 180) % 360 - 180
