"""Labels of tiles: from objects of OpenStreetMap and from land cover, through the mappings of a label tree."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexer.dataset.scope import NOWHERE, USUAL_SCOPE, Presence, Scope, presence
from indexer.sampling.osm_objects import read_shapes
from trsllava.labels.tree import LEVELS, Label, LabelTree
from trsllava.raster.geometry import geometry_of
from trsllava.raster.values import ValueRaster, opened_values
from trsllava.records import Footprint, Window

_LEAST_COVER = 0.1
"""Share of a tile that a class of land cover must take for its label."""


@dataclass(frozen=True)
class TileLabels:
    """What a tile shows, after the map."""

    labels: tuple[str, ...] = ()
    """What takes most of the tile first."""
    at_the_edge: tuple[str, ...] = ()
    """Labels that the scope check dropped, in order of their names."""


@dataclass(frozen=True)
class MapSources:
    """What there is to take labels from."""

    tree: LabelTree
    objects: Path | None = None
    """An extract of OpenStreetMap."""
    land_cover: Path | None = None
    """A raster of ESA WorldCover codes."""
    scope: Scope = USUAL_SCOPE


def label_tiles(tiles: Mapping[str, Footprint], sources: MapSources) -> dict[str, TileLabels]:
    """The labels of tiles, by id. Raises InputError, ImageError for files that cannot be read.

    A class of land cover that maps to no single label of the third level gives the one above; it is left out where an
    object's label lies below it.
    """
    seen: Mapping[str, Mapping[str, Presence]] = {}
    if sources.objects is not None:
        seen = _objects_seen(sources.objects, tiles, sources.tree, sources.scope)
    cover: Mapping[str, Mapping[str, float]] = {}
    if sources.land_cover is not None:
        cover = _cover_seen(sources.land_cover, tiles, sources.tree)
    return {
        tile: _chosen(seen.get(tile, {}), cover.get(tile, {}), sources.tree, sources.scope) for tile in sorted(tiles)
    }


def full_path(label: Label) -> tuple[str, str, str]:
    """The names of a label's three levels; a label of a higher level stands for those below it itself."""
    first, second, third = (*label.path, *[label.name] * (LEVELS - label.level))
    return first, second, third


def _chosen(objects: Mapping[str, Presence], cover: Mapping[str, float], tree: LabelTree, scope: Scope) -> TileLabels:
    kept = {name: seen for name, seen in objects.items() if scope.keeps(seen)}
    below = {above for name in kept for above in tree.labels[name].path}
    sizes = {name: (seen.of_tile, seen.of_side) for name, seen in kept.items()}
    for name, share in cover.items():
        if share >= _LEAST_COVER and (name in kept or name not in below):
            sizes[name] = max(sizes.get(name, (0.0, 0.0)), (share, 0.0))
    in_order = sorted(sizes, key=lambda name: (-sizes[name][0], -sizes[name][1], name))
    return TileLabels(tuple(in_order), tuple(sorted(set(objects) - set(sizes))))


def _objects_seen(
    path: Path, tiles: Mapping[str, Footprint], tree: LabelTree, scope: Scope
) -> dict[str, dict[str, Presence]]:
    """By tile and label. The objects are read one by one, the tiles are held."""
    import shapely

    names = sorted(tiles)
    shapes = [shapely.geometry.shape(geometry_of(tiles[name])) for name in names]
    index = shapely.STRtree(shapes)
    found: dict[str, dict[str, Presence]] = defaultdict(dict)
    for shape, tags in read_shapes(path):
        labels = tree.of_tags(tags)
        if not labels:
            continue
        for number in index.query(shape):
            seen = presence(shape, shapes[number], scope.margin)
            if seen is not None:
                of_tile = found[names[number]]
                for label in labels:
                    of_tile[label.name] = of_tile.get(label.name, NOWHERE) + seen
    return found


def _cover_seen(path: Path, tiles: Mapping[str, Footprint], tree: LabelTree) -> dict[str, dict[str, float]]:
    """Shares of each tile by label."""
    found = {}
    with opened_values(path) as raster:
        for name, footprint in tiles.items():
            shares: dict[str, float] = defaultdict(float)
            for code, share in _shares(raster, footprint).items():
                label = _label_of(code, tree)
                if label is not None:
                    shares[label.name] += share
            found[name] = dict(shares)
    return found


def _label_of(code: int, tree: LabelTree) -> Label | None:
    """Of the labels of a class, the first of those that stand highest: a class says no more than that."""
    return min(tree.of_worldcover(code), key=lambda label: label.level, default=None)


def _shares(raster: ValueRaster, footprint: Footprint) -> dict[int, float]:
    """The share of each code among the pixels of a footprint's box that have one."""
    counts: Counter[int] = Counter()
    for window in _windows(raster, footprint):
        codes = raster.read(window)
        values, numbers = np.unique(codes[np.isfinite(codes)].astype(np.int64), return_counts=True)
        counts.update(dict(zip(values.tolist(), numbers.tolist(), strict=True)))
    total = counts.total()
    return {code: count / total for code, count in sorted(counts.items())}


def _windows(raster: ValueRaster, footprint: Footprint) -> Iterator[Window]:
    """The pixels of a box that lie on the raster: one window, or one on either side of the dateline."""
    west, east = footprint.west, footprint.unwrapped_east
    boxes = [(west, east)] if east <= 180 else [(west, 180.0), (-180.0, east - 360)]
    for left, right in boxes:
        xs, ys = (left, right, right, left), (footprint.south, footprint.south, footprint.north, footprint.north)
        cols, rows = raster.grid.cells(xs, ys)
        if not (np.isfinite(cols).all() and np.isfinite(rows).all()):
            continue
        first_col, last_col = _span(cols, raster.grid.width)
        first_row, last_row = _span(rows, raster.grid.height)
        if first_col < last_col and first_row < last_row:
            yield Window(first_col, first_row, last_col - first_col, last_row - first_row)


def _span(places: Sequence[float] | Any, size: int) -> tuple[int, int]:
    """The pixels that mostly lie between two places, at least the one that holds their middle, within 0 … size."""
    low, high = float(min(places)), float(max(places))
    first, last = round(low), round(high)
    if first == last:
        first = math.floor((low + high) / 2)
        last = first + 1
    return max(0, first), min(size, last)
