"""A collection of 10,000 placed and dated tiles in a minute or two: scenes put together from drawn pictures.

Each tile shows one of the sample archive's pictures, small, with one of its sentences; pictures and texts are encoded
once each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import rasterio
from PIL import Image

import trsllava
from trsllava.encoders.image_text import NANO, load_image_text_encoder
from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.records import Picture
from trsllava.sample.archive import draw_archive

_SIDE = 64
_ACROSS = 10
_STEP = 0.0005
"""Degrees a pixel: a scene is a third of a degree wide."""
_FIRST = datetime(2019, 1, 1, 10)


def draw_tiles(folder: Path, home: Path, *, tiles: int = 10_000, pictures: int = 240) -> None:
    """Draw scenes of 100 tiles each into a new folder and index them into the collection `default` of `home`."""
    drawn = folder / "drawn"
    draw_archive(drawn, seed=5, count=pictures)
    lines = (drawn / "captions.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    small = [_shrunk(drawn / record["image"]) for record in records]
    scenes = folder / "scenes"
    scenes.mkdir()
    chosen = Random(7)
    captions = []
    for number in range(tiles // _ACROSS**2):
        numbers = [chosen.randrange(len(records)) for _ in range(_ACROSS**2)]
        path = scenes / f"scene_{number:03}.tif"
        _write(path, [small[one] for one in numbers], chosen, number)
        for place, one in enumerate(numbers):
            row, column = divmod(place, _ACROSS)
            variant = chosen.choice(records[one]["variants"])
            image = f"{path.name}#{column * _SIDE},{row * _SIDE},{_SIDE},{_SIDE}"
            captions.append(json.dumps({"image": image, "variants": [variant], "labels": records[one]["labels"]}))
    (folder / "captions.jsonl").write_text("\n".join(captions), "utf-8")
    with trsllava.open(home, "default", tile=_SIDE, overlap=0) as archive:
        archive.__dict__["encoder"] = _TextsOnce(archive.encoder)
        archive.__dict__["image_encoder"] = _EachOnce(archive)
        archive.index(scenes, captions=folder / "captions.jsonl")


def _shrunk(path: Path) -> Picture:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize((_SIDE, _SIDE)))


def _write(path: Path, parts: Sequence[Picture], chosen: Random, number: int) -> None:
    rows = [np.concatenate(parts[row : row + _ACROSS], axis=1) for row in range(0, len(parts), _ACROSS)]
    pixels = np.moveaxis(np.concatenate(rows), 2, 0)
    # One scene lies across the dateline, the others wherever there is room for them.
    west = 179.85 if number == 0 else chosen.uniform(-179, 178)
    north = -16.5 if number == 0 else chosen.uniform(-60, 75)
    taken = _FIRST + timedelta(days=chosen.randrange(5 * 365))
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=pixels.shape[2],
        height=pixels.shape[1],
        count=3,
        dtype="uint8",
        crs="EPSG:4326",
        transform=rasterio.Affine(_STEP, 0, west, 0, -_STEP, north),
        photometric="RGB",
    ) as file:
        file.write(pixels)
        file.update_tags(TIFFTAG_DATETIME=taken.strftime("%Y:%m:%d %H:%M:%S"))


class _TextsOnce:
    """A text encoder that is asked for each different text once."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self.name, self.dim = encoder.name, encoder.dim
        self._known: dict[str, FloatArray] = {}

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """`(n, dim)` float32, L2-normalised."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= dict(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])


class _EachOnce:
    """Nano, which looks at each different picture once; copies of a picture differ by a trace."""

    def __init__(self, archive: trsllava.Archive) -> None:
        self._nano = load_image_text_encoder(NANO, device="cpu", text_encoder=archive.encoder)
        self.name, self.dim = self._nano.name, self._nano.dim
        self.encode_texts = self._nano.encode_texts
        self._known: dict[bytes, FloatArray] = {}
        self._draw = np.random.default_rng(0)

    def encode_images(self, pictures: Sequence[Picture]) -> FloatArray:
        """`(n, dim)` float32, L2-normalised."""
        for picture in pictures:
            key = picture.tobytes()
            if key not in self._known:
                self._known[key] = self._nano.encode_images([picture])[0]
        rows = np.stack([self._known[picture.tobytes()] for picture in pictures])
        rows = rows + 0.01 * self._draw.standard_normal(rows.shape).astype(np.float32)
        unit: FloatArray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit
