"""A sample on a map: the layer it was chosen by, and a dot for each point."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from indexer.sampling.sample import Layer, Sample, SamplePoint
from trsllava.raster.values import Grid

COLOURS = ((245, 245, 242), (214, 64, 62), (66, 112, 191), (141, 190, 235), (243, 160, 120))
"""Of blank cells and of the kinds 1 to 4: high-high, low-low, low-high, high-low."""
POINT = (20, 20, 20)
_LONGEST = 1600
_SHORTEST = 400
_DOT = 2
"""Pixels."""


def map_picture(sample: Sample) -> bytes:
    """A PNG, its longer side at most 1,600 pixels. A sample without a layer is drawn on degrees around its points."""
    if sample.layer is None:
        picture, grid = _blank_map(sample.points)
    else:
        picture, grid = _of_layer(sample.layer), sample.layer.grid
    pen = ImageDraw.Draw(picture)
    if sample.points:
        cols, rows = grid.cells([point.longitude for point in sample.points], [one.latitude for one in sample.points])
        for x, y in zip(cols / grid.width * picture.width, rows / grid.height * picture.height, strict=True):
            if np.isfinite(x) and np.isfinite(y):
                pen.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), fill=POINT, outline="white")
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _of_layer(layer: Layer) -> Image.Image:
    """Every `step`-th cell is shown where there are more than pixels, one of several pixels where there are fewer."""
    step = -(-max(layer.kinds.shape) // _LONGEST)
    shown = np.array(COLOURS, np.uint8)[layer.kinds[::step, ::step]]
    times = max(1, _SHORTEST // max(shown.shape[:2]))
    return Image.fromarray(np.ascontiguousarray(shown.repeat(times, axis=0).repeat(times, axis=1)))


def _blank_map(points: Sequence[SamplePoint]) -> tuple[Image.Image, Grid]:
    from affine import Affine
    from rasterio.crs import CRS

    xs, ys = [point.longitude for point in points] or [0.0], [point.latitude for point in points] or [0.0]
    side = max(max(xs) - min(xs), max(ys) - min(ys), 0.01) * 1.1
    step = side / _SHORTEST / 2
    width = max(_SHORTEST // 4, round((max(xs) - min(xs)) * 1.1 / step))
    height = max(_SHORTEST // 4, round((max(ys) - min(ys)) * 1.1 / step))
    west, north = (max(xs) + min(xs) - width * step) / 2, (max(ys) + min(ys) + height * step) / 2
    grid = Grid(width, height, Affine(step, 0, west, 0, -step, north), CRS.from_epsg(4326))
    return Image.new("RGB", (width, height), COLOURS[0]), grid
