"""A drawn world for data sets: it is known where its lights cluster, what grows where, and what the scenes show.

Fields wherever nothing else is, three bright cities, a dark forest. The scenes are photographs of a kind: roofs and
streets, furrows, tree crowns and water, drawn from the land cover, whose patches are objects of OpenStreetMap as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray

from trsllava.raster.silence import without_warnings

WEST, NORTH, STEP = 10.0, 50.0, 0.01
SIDE = 48
"""Cells of the value raster, `STEP` degrees a side."""
FINE = 8
"""Pixels of land cover a cell's side."""
PATCH = 4
"""Pixels of land cover that a patch is wide and high."""
CITIES = (np.s_[4:14, 5:17], np.s_[18:28, 30:42], np.s_[34:44, 8:20])
"""Rows and columns of cells."""
FOREST_LAND = np.s_[32:44, 30:44]
FOREST, FIELDS, HOUSES, WATER = 10, 40, 50, 80
"""Codes of ESA WorldCover."""
COLUMNS, ROWS = 72, 111
"""Pixels of a scene in a cell: about ten metres each."""
GREENS = np.array([52, 92, 48])

Cells = tuple[slice, slice]


@dataclass(frozen=True)
class PlantedWorld:
    """Its files."""

    values: Path
    land_cover: Path
    objects: Path
    scenes: Path


def world_in(folder: Path) -> PlantedWorld:
    """The files that were written there."""
    return PlantedWorld(folder / "lights.tif", folder / "cover.tif", folder / "osm.geojson", folder / "scenes")


def write_world(folder: Path) -> None:
    """Write it into a new folder: the same files every time."""
    folder.mkdir()
    world = world_in(folder)
    world.scenes.mkdir()
    cover = land_cover()
    _write(world.values, lights()[None], STEP, STEP, WEST, NORTH, nodata=-1)
    _write(world.land_cover, cover[None], STEP / FINE, STEP / FINE, WEST, NORTH, nodata=0)
    document = {"type": "FeatureCollection", "features": list(objects(cover))}
    world.objects.write_text(json.dumps(document), encoding="utf-8")
    for number, place in enumerate((*CITIES, FOREST_LAND)):
        name = f"scene{number}_202405{10 + number}T103105.tif"
        west, north = WEST + place[1].start * STEP, NORTH - place[0].start * STEP
        _write(world.scenes / name, scene(cover, place, number), STEP / COLUMNS, STEP / ROWS, west, north)


def lights() -> NDArray[np.float32]:
    """`(SIDE, SIDE)`: noise around 10, cities at 30, the forest at 1."""
    values = np.random.default_rng(1).normal(10, 2, (SIDE, SIDE))
    for city in CITIES:
        values[city] += 20
    values[FOREST_LAND] -= 9
    return values.astype(np.float32)


def planted() -> NDArray[np.bool_]:
    """`(SIDE, SIDE)`: the cells of cities."""
    found = np.zeros((SIDE, SIDE), np.bool_)
    for city in CITIES:
        found[city] = True
    return found


def land_cover() -> NDArray[np.uint8]:
    """`(SIDE * FINE, SIDE * FINE)`: in patches, mostly houses in cities and trees in the forest."""
    rng = np.random.default_rng(2)
    patches = np.full((SIDE * FINE // PATCH,) * 2, FIELDS, np.uint8)
    for city in CITIES:
        part = _scaled(city, FINE // PATCH)
        patches[part] = rng.choice([HOUSES, FIELDS, WATER, FOREST], patches[part].shape, p=[0.79, 0.07, 0.07, 0.07])
    part = _scaled(FOREST_LAND, FINE // PATCH)
    patches[part] = rng.choice([FOREST, WATER], patches[part].shape, p=[0.95, 0.05])
    return patches.repeat(PATCH, axis=0).repeat(PATCH, axis=1)


def objects(cover: NDArray[np.uint8]) -> Iterator[dict[str, Any]]:
    """A polygon for each patch that is no field, a cemetery in every tenth quarter, and a motorway."""
    tags = {
        HOUSES: {"landuse": "residential"},
        WATER: {"natural": "water", "water": "lake"},
        FOREST: {"natural": "wood"},
    }
    size = STEP / FINE * PATCH
    patches = cover[::PATCH, ::PATCH]
    for number, (row, col) in enumerate(np.argwhere(patches != FIELDS).tolist()):
        west, north = WEST + col * size, NORTH - row * size
        yield _box(f"way/{number}", west, north, size, tags[int(patches[row, col])])
        if patches[row, col] == HOUSES and number % 10 == 0:
            yield _box(f"way/c{number}", west + size / 4, north - size / 4, size / 3, {"landuse": "cemetery"})
    line = {"type": "LineString", "coordinates": [[WEST + 0.05, NORTH - 0.05], [WEST + 0.4, NORTH - 0.4]]}
    yield {"type": "Feature", "geometry": line, "properties": {"@id": "way/motorway", "highway": "motorway"}}


def scene(cover: NDArray[np.uint8], place: Cells, seed: int) -> NDArray[np.uint8]:
    """`(3, rows, columns)` RGB of some cells."""
    rng = np.random.default_rng(100 + seed)
    codes = cover[_scaled(place, FINE)]
    height, width = ROWS * codes.shape[0] // FINE, COLUMNS * codes.shape[1] // FINE
    rows, cols = np.arange(height)[:, None], np.arange(width)[None]
    shown = codes[rows * FINE // ROWS, cols * FINE // COLUMNS]
    noise = rng.normal(0, 6, (height, width))
    crowns = rng.normal(0, 1, (height // 3 + 1, width // 3 + 1)).repeat(3, 0).repeat(3, 1)[:height, :width]
    roofs = rng.choice([0, 1], (height // 8 + 1, width // 8 + 1)).repeat(8, 0).repeat(8, 1)[:height, :width]
    streets = (rows % 8 < 2) | (cols % 8 < 2)
    furrows = np.sin(2 * np.pi * (rows + 2 * cols) / 9)
    picture = np.empty((height, width, 3))
    picture[:] = np.array([150, 132, 88]) + 18 * furrows[..., None]
    picture[shown == FOREST] = (GREENS + 22 * crowns[..., None])[shown == FOREST]
    picture[shown == WATER] = [38, 66, 104]
    houses = np.where(roofs[..., None] == 1, [168, 84, 66], [196, 190, 178])
    houses = np.where(streets[..., None], [112, 112, 116], houses)
    picture[shown == HOUSES] = houses[shown == HOUSES]
    pixels = np.clip(picture + noise[..., None], 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(pixels, -1, 0))


def _scaled(place: Cells, times: int) -> Cells:
    rows, cols = place
    return np.s_[rows.start * times : rows.stop * times, cols.start * times : cols.stop * times]


def _box(id: str, west: float, north: float, size: float, tags: dict[str, str]) -> dict[str, Any]:
    east, south = west + size, north - size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"@id": id, **tags},
    }


def _write(
    path: Path, samples: NDArray[Any], wide: float, high: float, west: float, north: float, **options: Any
) -> None:
    count, height, width = samples.shape
    shape = {"width": width, "height": height, "count": count, "dtype": samples.dtype}
    place = {"crs": "EPSG:4326", "transform": Affine(wide, 0, west, 0, -high, north), "compress": "deflate"}
    with without_warnings(), rasterio.open(path, "w", driver="GTiff", **shape, **place, **options) as dataset:
        dataset.write(samples)
