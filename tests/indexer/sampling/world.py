"""A planted world: it is known where its lights cluster, what grows there and what stands there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray

from trsllava.raster.silence import without_warnings

SIDE = 60
"""Cells of the value raster, which are 0.01 degrees wide."""
FINE = 8
"""Pixels of land cover a cell's side."""
WEST, NORTH = 10.0, 50.0
STEP = 0.01
HOT = (slice(8, 20), slice(10, 24))
"""Rows and columns of a bright city."""
COLD = (slice(38, 50), slice(34, 50))
"""A dark forest."""
FIELDS, FOREST, HOUSES, WATER = 40, 10, 50, 80
"""Codes of ESA WorldCover."""


@dataclass(frozen=True)
class World:
    """Its files."""

    values: Path
    land_cover: Path
    objects: Path
    images: Path


def lights() -> NDArray[np.float32]:
    """`(60, 60)`: noise around 10, with the city at 30 and the forest at 1."""
    values = np.random.default_rng(1).normal(10, 2, (SIDE, SIDE))
    values[HOT] += 20
    values[COLD] -= 9
    return values.astype(np.float32)


def land_cover() -> NDArray[np.uint8]:
    """Fields everywhere; in the city mostly houses, a little of everything else; forest in the forest."""
    rng = np.random.default_rng(2)
    cover = np.full((SIDE * FINE, SIDE * FINE), FIELDS, np.uint8)
    city, forest = (tuple(slice(part.start * FINE, part.stop * FINE) for part in place) for place in (HOT, COLD))
    cover[city] = rng.choice([HOUSES, FIELDS, WATER, FOREST], cover[city].shape, p=[0.85, 0.05, 0.05, 0.05])
    cover[forest] = rng.choice([FOREST, WATER], cover[forest].shape, p=[0.97, 0.03])
    return cover


def objects() -> list[dict[str, Any]]:
    """40 schools, 3 marinas, a runway without a point of its own, and a bench that nobody asks for."""
    rng = np.random.default_rng(3)
    places = rng.uniform([WEST, NORTH - SIDE * STEP], [WEST + SIDE * STEP, NORTH], (44, 2))
    found = [_object(f"node/{n}", "Point", list(place), {"amenity": "school"}) for n, place in enumerate(places[:40])]
    for n, (x, y) in enumerate(places[40:43]):
        ring = [[x, y], [x + 0.001, y], [x + 0.001, y + 0.001], [x, y + 0.001], [x, y]]
        found.append(_object(f"way/{n}", "Polygon", [ring], {"leisure": "marina", "name": f"Haven {n}"}))
    line = [[10.1, 49.7], [10.13, 49.72]]
    found.append(_object("way/runway", "LineString", line, {"aeroway": "runway"}))
    found.append(_object("node/bench", "Point", [10.2, 49.8], {"amenity": "bench"}))
    return found


def world_in(folder: Path) -> World:
    """The files that were written there."""
    return World(folder / "lights.tif", folder / "cover.tif", folder / "objects.geojson", folder / "images")


def write_world(folder: Path) -> None:
    """Write it into a new folder; the picture shows the city and the land around it, in UTM."""
    folder.mkdir()
    coarse = Affine(STEP, 0, WEST, 0, -STEP, NORTH)
    write_raster(folder / "lights.tif", lights()[None], coarse, nodata=-1)
    fine = Affine(STEP / FINE, 0, WEST, 0, -STEP / FINE, NORTH)
    write_raster(folder / "cover.tif", land_cover()[None], fine, nodata=0)
    document = {"type": "FeatureCollection", "features": objects()}
    (folder / "objects.geojson").write_text(json.dumps(document), encoding="utf-8")
    (folder / "images").mkdir()
    pixels = np.random.default_rng(4).integers(0, 255, (3, 400, 400), np.uint8)
    at = Affine(40, 0, 571_000, 0, -40, 5_538_000)  # 16 km from about 10.0 E, 49.99 N
    write_raster(folder / "images" / "city_20240517T103105.tif", pixels, at, crs="EPSG:32632")


def write_raster(
    path: Path, samples: NDArray[Any], transform: Affine, *, crs: str = "EPSG:4326", **options: Any
) -> Path:
    """A GeoTIFF of `(bands, h, w)` samples."""
    count, height, width = samples.shape
    shape = {"width": width, "height": height, "count": count, "dtype": samples.dtype}
    place = {"crs": crs, "transform": transform}
    with without_warnings(), rasterio.open(path, "w", driver="GTiff", **shape, **place, **options) as dataset:
        dataset.write(samples)
    return path


def _object(id: str, kind: str, coordinates: Any, tags: dict[str, str]) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": {"@id": id, **tags}}
