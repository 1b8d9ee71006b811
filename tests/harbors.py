"""A small collection that is quick to make, for tests of what is done with a collection."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

import trsllava


def index_harbors(folder: Path, count: int) -> Path:
    """Index so many captioned pictures, without image vectors; returns the home folder."""
    images = folder / "images"
    images.mkdir()
    lines = []
    for number in range(count):
        Image.new("RGB", (8, 8), (number, 0, 255)).save(images / f"{number}.png")
        lines.append(json.dumps({"image": f"{number}.png", "captions": [f"a harbor with cranes and {number} ships"]}))
    captions = folder / "captions.jsonl"
    captions.write_text("\n".join(lines), encoding="utf-8")
    with trsllava.open(folder / "home", image_encoder="none") as archive:
        archive.index(images, captions=captions)
    return folder / "home"
