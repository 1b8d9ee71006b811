"""Pictures of sample points, cut from the user's own GeoTIFFs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from PIL import Image

from indexer.sampling.sample import SamplePoint
from indexer.walk import FolderWalk
from trsllava.errors import ImageError
from trsllava.raster.scene import DEFAULT_RECIPE, inspect, read_rgb
from trsllava.raster.values import Grid, grid_of
from trsllava.records import Footprint, Recipe, Rendering, Window


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
class Pictures:
    """What came of cutting."""

    cuts: dict[str, Cut] = field(default_factory=dict)
    """By the point's id."""
    unreadable: list[str] = field(default_factory=list)
    """A sentence for each scene that is damaged; other scenes stand in for it where they can."""


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
    points: Sequence[SamplePoint], scenes: Mapping[Path, Grid], folder: Path, cutting: Cutting
) -> Pictures:
    """Write a PNG of each point that a scene wholly shows, from the first by path that has data there."""
    found = Pictures()
    for one in each_cut(points, scenes, folder, cutting):
        if isinstance(one, Cut):
            found.cuts[one.point.id] = one
        else:
            found.unreadable.append(one)
    return found


def each_cut(
    points: Sequence[SamplePoint], scenes: Mapping[Path, Grid], folder: Path, cutting: Cutting
) -> Iterator[Cut | str]:
    """The same one by one: each picture once it is there, whole, and a sentence for each scene that is damaged."""
    waiting = list(points)
    for path in sorted(scenes):
        placed, waiting = _split(waiting, scenes[path], cutting.metres)
        done: set[str] = set()
        try:
            for cut in _cut_from(path, scenes[path], placed, folder, cutting.recipe):
                done.add(cut.point.id)
                yield cut
        except ImageError as error:
            yield str(error)
        waiting += [point for point, _ in placed if point.id not in done]


def _cut_from(
    path: Path, grid: Grid, placed: Sequence[tuple[SamplePoint, Window]], folder: Path, recipe: Recipe
) -> Iterator[Cut]:
    """The pictures of one scene, without those that show nothing. Raises ImageError."""
    if not placed:
        return
    rendering, acquired = _looked_through(path, recipe)
    for point, window in placed:
        footprint, pixels = grid.footprint(window), read_rgb(path, window, rendering)
        if footprint is None or (pixels == pixels[0, 0]).all():
            continue
        target = folder / f"{point.id}.png"
        draft = folder / f".{point.id}.png"
        Image.fromarray(np.ascontiguousarray(pixels)).save(draft)
        draft.replace(target)
        yield Cut(point, target, path, window, footprint, acquired)


def _looked_through(path: Path, recipe: Recipe) -> tuple[Rendering, datetime | None]:
    info = inspect(path, recipe)
    return info.rendering, info.acquired


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
