"""Small collections of pictures that lie somewhere and were taken at some time, for tests of maps and catalogues."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from PIL import Image

import trsllava
from trsllava.raster.silence import without_warnings

THINGS = ("harbor", "airport", "forest", "river", "stadium", "farmland", "bridge", "desert", "village", "parking lot")
COLOURS = ("grey", "green", "brown", "white")


def write_scene(path: Path, transform: Affine, number: int, crs: str = "EPSG:4326", **options: str) -> None:
    """A GeoTIFF of 8 by 8 pixels; another number is another picture."""
    pixels = np.full((3, 8, 8), 40, np.uint8)
    pixels[:, 0, :4] = np.array([number >> 8 & 255, number & 255, 7], np.uint8)[:, None]
    shape = {"width": 8, "height": 8, "count": 3, "dtype": "uint8"}
    kind = {"driver": "GTiff", **options}
    with without_warnings(), rasterio.open(path, "w", crs=crs, transform=transform, **shape, **kind) as dataset:
        dataset.write(pixels)


def at(west: float, north: float, degrees: float = 0.08) -> Affine:
    """Eight pixels from there to the east and to the south."""
    return Affine(degrees / 8, 0, west, 0, -degrees / 8, north)


def index(folder: Path, captions: Iterable[tuple[str, list[str]]], collection: str = "default") -> Path:
    """Index `folder/images` from captions, without image vectors; returns the home folder."""
    lines = [
        json.dumps({"image": name, "captions": texts, "labels": [texts[0].split()[-1]]}) for name, texts in captions
    ]
    (folder / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with trsllava.open(folder / "home", collection, image_encoder="none") as archive:
        archive.index(folder / "images", captions=folder / "captions.jsonl")
    return folder / "home"


def index_places(folder: Path) -> Path:
    """Six pictures: in Rotterdam, across the dateline, turned, of an interval, without a time, without a place."""
    images = folder / "images"
    images.mkdir(parents=True)
    write_scene(images / "rotterdam_20240517T103105.tif", at(4.0, 52.0), 1, driver="COG")
    write_scene(images / "fiji_20230101.tif", at(179.96, -17.0), 2)
    write_scene(images / "turned_20220630.tif", Affine(7, 7, 500_000, 7, -7, 6_640_000), 3, crs="EPSG:32632")
    write_scene(images / "summer.tif", at(10.0, 50.0), 4)
    interval = {"start_datetime": "2021-06-01T00:00:00Z", "end_datetime": "2021-09-01T00:00:00Z"}
    (images / "summer.json").write_text(json.dumps({"type": "Feature", "properties": interval}), encoding="utf-8")
    write_scene(images / "undated.tif", at(-70.0, -30.0), 5)
    Image.new("RGB", (8, 8), (9, 90, 200)).save(images / "nowhere.png")
    names = [path.name for path in sorted(images.glob("*.tif")) + sorted(images.glob("*.png"))]
    things = zip(names, THINGS, strict=False)
    return index(folder, ((name, [f"A grey {thing}", f"One {thing} seen from above"]) for name, thing in things))


def index_many(folder: Path, count: int) -> Path:
    """So many pictures on a grid of the whole Earth, one column of it across the dateline; one a day from 2020 on."""
    images = folder / "images"
    images.mkdir(parents=True)
    captions = []
    for number in range(count):
        column, row = number % 40, number // 40 % 50
        west, north = 9 * column - 186.7 if column else 179.96, 79.5 - 3.1 * row
        day = np.datetime64("2020-01-01") + number
        name = f"{number:05}_{day}.tif"
        write_scene(images / name, at(west, north), number)
        captions.append((name, [f"A {COLOURS[number % 4]} {THINGS[number % 10]}"]))
    return index(folder, captions)
