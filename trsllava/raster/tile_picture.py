"""The picture of a tile, from whichever of its files is at hand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trsllava.errors import OutOfReachError
from trsllava.raster.damage import out_of_reach
from trsllava.raster.scene import read_rgb
from trsllava.records import Tile, TileRecord


def living_first(paths: Sequence[str]) -> tuple[str, ...]:
    """A tile's paths in their order, those that still exist before those that do not."""
    return tuple(paths) if len(paths) < 2 else tuple(sorted(paths, key=lambda path: not os.path.exists(path)))


def with_living_first(record: TileRecord) -> TileRecord:
    """A record with its paths in that order."""
    return record.model_copy(update={"paths": living_first(record.paths)})


def file_of(paths: Sequence[str]) -> Path:
    """The first file that exists, else the first. Raises OutOfReachError where there is none at all."""
    if not paths:
        raise OutOfReachError("cannot read the picture: none of its files exists any more")
    return Path(living_first(paths)[0])


def read_tile(tile: Tile, paths: Sequence[str], *, longest: int | None = None) -> NDArray[np.uint8]:
    """`(h, w, 3)` uint8 RGB; shrunk, never enlarged, to at most `longest` pixels a side. Raises ImageError."""
    file = file_of(paths)
    try:
        pixels = read_rgb(file, tile.window, tile.rendering)
    except OSError as error:
        raise out_of_reach(file, error) from error
    if longest is None or max(pixels.shape[:2]) <= longest:
        return pixels
    picture = Image.fromarray(pixels)
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return np.asarray(picture)
