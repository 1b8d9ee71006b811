"""Archives for the page's tests: a scene cut into overlapping tiles, and a large picture kept whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from PIL import Image

import trsllava

SIDE = 1472
"""Of the scene: three tiles of 512 pixels a side, which share 32."""


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


def index_large(home: Path) -> None:
    """A picture of 3,000 by 2,000 pixels that is one item; its columns and rows can be read off its colours."""
    folder = home.with_name(f"{home.name}-files")
    folder.mkdir()
    rows, cols = np.mgrid[0:2000, 0:3000]
    pixels = np.stack([cols // 12, rows // 8, np.full_like(rows, 90)], axis=2).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "large.png", compress_level=1)
    _index(home, folder, [{"image": "large.png", "captions": ["a very large field"]}], tile=0)


def _index(home: Path, folder: Path, lines: list[dict[str, object]], **settings: int) -> None:
    captions = folder.with_suffix(".jsonl")
    captions.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    with trsllava.open(home, "default", **settings) as archive:
        archive.index(folder, captions=captions)
