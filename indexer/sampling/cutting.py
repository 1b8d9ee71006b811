"""Pictures of sample points, cut from the user's own GeoTIFFs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from PIL import Image

from indexer.sampling.sample import SamplePoint
from indexer.walk import FolderWalk
from trsllava.errors import ImageError
from trsllava.raster.scene import DEFAULT_RECIPE, inspect, read_rgb
from trsllava.raster.values import Grid, grid_of
from trsllava.records import Footprint, Recipe, Window


@dataclass(frozen=True)
class Cut:
    """A picture that was written."""

    point: SamplePoint
    picture: Path
    source: Path
    window: Window
    footprint: Footprint
    acquired: datetime | None


@dataclass(frozen=True)
class Cutting:
    """How pictures are cut."""

    metres: float
    """Ground that a picture's side covers."""
    recipe: Recipe = DEFAULT_RECIPE
    """Bands and stretch; each scene is read to its end once, for the range of its samples."""


def locate(folder: Path) -> dict[Path, Grid]:
    """The georeferenced TIFFs of a folder, or that one file, by path; others cannot show where a point is."""
    found = {}
    for path in [folder] if folder.is_file() else FolderWalk(folder):
        if path.suffix.lower() in (".tif", ".tiff"):
            try:
                found[path] = grid_of(path)
            except ImageError:
                continue
    return found


def cut_pictures(
    points: Sequence[SamplePoint], scenes: dict[Path, Grid], folder: Path, cutting: Cutting
) -> Iterator[Cut]:
    """Write a PNG of each point that a scene wholly shows; a point's first scene, in the order of paths, counts.

    Points that no scene shows, and those where a scene holds no data, are passed over. Raises ImageError for a scene
    that is damaged.
    """
    waiting = list(points)
    for path in sorted(scenes):
        placed, waiting = _split(waiting, scenes[path], cutting.metres)
        if not placed:
            continue
        info = inspect(path, cutting.recipe)
        for point, window in placed:
            pixels = read_rgb(path, window, info.rendering)
            footprint = scenes[path].footprint(window)
            if footprint is None or (pixels == pixels[0, 0]).all():
                continue
            target = folder / f"{point.id}.png"
            Image.fromarray(np.ascontiguousarray(pixels)).save(target)
            yield Cut(point, target, path, window, footprint, info.acquired)


def _split(
    points: Sequence[SamplePoint], grid: Grid, metres: float
) -> tuple[list[tuple[SamplePoint, Window]], list[SamplePoint]]:
    """The points whose squares lie within a scene, with their windows; and the rest."""
    if not points:
        return [], []
    cols, rows = grid.cells([point.longitude for point in points], [point.latitude for point in points])
    placed: list[tuple[SamplePoint, Window]] = []
    rest: list[SamplePoint] = []
    for point, col, row in zip(points, cols, rows, strict=True):
        window = _window(grid, float(col), float(row), metres)
        if window is None:
            rest.append(point)
        else:
            placed.append((point, window))
    return placed, rest


def _window(grid: Grid, col: float, row: float, metres: float) -> Window | None:
    if not (0 <= col < grid.width and 0 <= row < grid.height):  # not a number is neither
        return None
    wide, high = (max(1, round(metres / side)) for side in grid.metres(col, row))
    window = Window(round(col - wide / 2), round(row - high / 2), wide, high)
    fits = window.col >= 0 and window.row >= 0
    fits &= window.col + wide <= grid.width and window.row + high <= grid.height
    return window if fits else None
