"""Archives for the page's tests: a scene cut into overlapping tiles, a large picture kept whole, hostile words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from PIL import Image

import trsllava
from tests.sources.conftest import item, items, write_json

SIDE = 1472
"""Of the scene: three tiles of 512 pixels a side, which share 32."""
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(3)</script><rect width="9" height="9"/></svg>'


def index_scene(home: Path) -> None:
    """A GeoTIFF of nine overlapping tiles."""
    folder = home.with_name(f"{home.name}-files")
    folder.mkdir()
    rows, cols = np.mgrid[0:SIDE, 0:SIDE]
    bands = np.stack([rows % 251, cols % 241, (rows * cols) % 255]).astype(np.uint8)
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 3, "dtype": "uint8", "crs": "EPSG:4326"}
    place = Affine(1e-5, 0, 4.0, 0, -1e-5, 52.0)
    with rasterio.open(folder / "scene.tif", "w", transform=place, photometric="RGB", **profile) as file:
        file.write(bands)
    lines = [
        {"image": f"scene.tif#{col},{row},512,512", "captions": [f"a field with {col} sheep and {row} cows"]}
        for col in (0, 480, 960)
        for row in (0, 480, 960)
    ]
    _index(home, folder, lines, tile=512, overlap=32)


def index_items(home: Path) -> None:
    """Six pictures named by STAC items, captioned by two models."""
    folder = home.with_name(f"{home.name}-files")
    folder.mkdir()
    lines: list[dict[str, object]] = []
    found = []
    for number in range(6):
        Image.new("RGB", (64, 64), (40 * number, 120, 60)).save(folder / f"{number}.png")
        platform = "landsat-8" if number == 5 else "sentinel-2a"
        said = {"eo:cloud_cover": 15 * number, "view:off_nadir": 5.0, "platform": platform}
        found.append(item(str(number), {"visual": f"{number}.png"}, said))
        variant = {"one_sentence": f"A field with {number} trees.", "feature": [], "caption": ""}
        model = "Qwen-VL" if number % 3 else "GPT"
        lines.append({"image": str(number), "variants": [variant], "labels": ["field"], "model": model})
    _index(home, write_json(folder / "items.json", items(*found)), lines)


def index_large(home: Path) -> None:
    """A picture of 3,000 by 2,000 pixels that is one item; its columns and rows can be read off its colours."""
    folder = home.with_name(f"{home.name}-files")
    folder.mkdir()
    rows, cols = np.mgrid[0:2000, 0:3000]
    pixels = np.stack([cols // 12, rows // 8, np.full_like(rows, 90)], axis=2).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "large.png", compress_level=1)
    _index(home, folder, [{"image": "large.png", "captions": ["a very large field"]}], tile=0)


def index_far_away(home: Path) -> None:
    """Small GeoTIFFs over both poles, beside one of them, and across the dateline."""
    folder = home.with_name(f"{home.name}-files")
    folder.mkdir()
    places = {
        "north": ("EPSG:3995", -64_000, 64_000, 500),
        "beside": ("EPSG:3995", 300_000, 300_000, 500),
        "south": ("EPSG:3031", -64_000, 64_000, 500),
        "fiji": ("EPSG:32701", 140_000, 8_100_000, 400),
    }
    for number, (name, (crs, west, north, step)) in enumerate(places.items()):
        pixels = np.random.default_rng(number).integers(0, 255, (3, 256, 256), np.uint8)
        profile = {"driver": "GTiff", "width": 256, "height": 256, "count": 3, "dtype": "uint8", "crs": crs}
        with rasterio.open(
            folder / f"{name}.tif",
            "w",
            transform=rasterio.Affine(step, 0, west, 0, -step, north),
            photometric="RGB",
            **profile,
        ) as file:
            file.write(pixels)
    _index(home, folder, [{"image": f"{name}.tif", "captions": [f"snow in the {name}"]} for name in places])


def index_hostile(home: Path) -> None:
    """Captions, labels and file names that hold markup."""
    folder = home.with_name(f"{home.name}-files")
    folder.mkdir()
    name = HOSTILE.replace("/", "∕") + ".png"
    Image.new("RGB", (64, 64), "teal").save(folder / name)
    Image.new("RGB", (64, 64), "olive").save(folder / "plain.png")
    words = f"a field {HOSTILE}"
    variant = {"one_sentence": words, "feature": [words], "caption": words}
    lines = [
        {"image": name, "variants": [variant], "labels": [HOSTILE, "field"], "model": HOSTILE},
        {"image": "plain.png", "captions": [f"a plain field {HOSTILE}"]},
    ]
    _index(home, folder, lines)


def _index(home: Path, source: Path, lines: list[dict[str, object]], **settings: int) -> None:
    captions = source.with_suffix(".jsonl")
    captions.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    with trsllava.open(home, "default", **settings) as archive:
        archive.index(source, captions=captions)
