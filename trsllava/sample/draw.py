"""Scene kinds, and the one call that draws them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from trsllava.sample import industry, land, port, sport, transport, urban, water
from trsllava.sample.canvas import Canvas
from trsllava.sample.scenes import Scene

SCENES: dict[str, Callable[[Canvas], Scene]] = {
    "airport": transport.airport,
    "harbor": port.harbor,
    "island": water.island,
    "storage tanks": industry.storage_tanks,
    "stadium": sport.stadium,
    "farmland": land.farmland,
    "dense residential": urban.dense_residential,
    "bridge": water.bridge,
    "baseball field": sport.baseball_field,
    "solar farm": industry.solar_farm,
    "beach": water.beach,
    "parking lot": transport.parking_lot,
    "forest": land.forest,
    "roundabout": transport.roundabout,
    "railway station": transport.railway_station,
    "football field": sport.football_field,
    "desert": land.desert,
    "lake": water.lake,
    "industrial area": industry.industrial_area,
    "church": urban.church,
    "circular farmland": land.circular_farmland,
    "marina": port.marina,
    "sparse residential": urban.sparse_residential,
    "viaduct": transport.viaduct,
    "tennis court": sport.tennis_court,
    "mountain": land.mountain,
    "river": water.river,
    "square": urban.square,
    "golf course": land.golf_course,
    "apartment blocks": urban.apartment_blocks,
}
"""Every kind of scene and what draws it; a function draws on the canvas and returns what it has drawn."""


@dataclass(frozen=True)
class Drawing:
    """A picture and the truth about it."""

    picture: Image.Image
    """RGB, `size` by `size` pixels."""
    scene: Scene


def draw(kind: str, seed: int, *, size: int = 256) -> Drawing:
    """A scene of the given kind, `size` pixels a side; equal seeds give equal pictures. Raises KeyError for an
    unknown kind."""
    canvas = Canvas(np.random.default_rng([seed, zlib.crc32(kind.encode())]))
    scene = SCENES[kind](canvas)
    return Drawing(canvas.picture(size), scene)
