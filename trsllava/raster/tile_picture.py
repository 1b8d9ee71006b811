"""The picture of a tile, from whichever of its files is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trsllava.errors import InputError
from trsllava.raster.damage import out_of_reach
from trsllava.raster.readable import is_there, readable
from trsllava.raster.scene import read_rgb, thumbnail
from trsllava.records import Tile, TileRecord, Window


def living_first(paths: Sequence[str]) -> tuple[str, ...]:
    """A tile's paths in their order, those that still exist before those that do not."""
    return tuple(paths) if len(paths) < 2 else tuple(sorted(paths, key=lambda path: not is_there(path)))


def with_living_first(record: TileRecord) -> TileRecord:
    """A record with its paths in that order."""
    return record.model_copy(update={"paths": living_first(record.paths)})


def read_tile(
    tile: Tile, paths: Sequence[str], *, part: Window | None = None, longest: int | None = None
) -> NDArray[np.uint8]:
    """`(h, w, 3)` uint8 RGB; shrunk, never enlarged, to at most `longest` pixels a side. `part`: a rectangle of it, in
    the source's pixels counted from the tile's corner. Raises ImageError, InputError for a part that leaves the tile.
    """
    window, rendering = tile.window, tile.rendering
    if part is not None:
        window, rendering = _within(window, part), rendering.model_copy(update={"size": None})
    file = readable(tile.assets, paths)
    try:
        pixels = read_rgb(file, window, rendering)
    except OSError as error:
        raise out_of_reach(Path(str(file)), error) from error
    if longest is None or max(pixels.shape[:2]) <= longest:
        return pixels
    picture = Image.fromarray(pixels)
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def tile_thumbnail(tile: Tile, paths: Sequence[str], size: int) -> bytes:
    """A JPEG file of a tile's picture, its longer side at most `size` pixels. Raises ImageError."""
    return thumbnail(readable(tile.assets, paths), tile.window, tile.rendering, size)


def _within(tile: Window, part: Window) -> Window:
    """A part of a tile's window as a window of the source."""
    right, lower = part.col + part.width, part.row + part.height
    if min(part.col, part.row) < 0 or min(part.width, part.height) < 1 or right > tile.width or lower > tile.height:
        raise InputError(f"There is no such part: the picture has {tile.width} × {tile.height} pixels.")
    return Window(tile.col + part.col, tile.row + part.row, part.width, part.height)
