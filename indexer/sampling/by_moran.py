"""LuojiaHOG's way to choose places (Zhao et al., arXiv 2403.10887, section 3.1.1): where a value such as night light
clusters or breaks, more of them where the land cover is mixed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.sampling.area import EVERYWHERE, Area
from indexer.sampling.balance import evenness
from indexer.sampling.cells import Cells, read_cells
from indexer.sampling.clusters import FEW_FALSE, Cluster, Clusters, Regions, Significance, find_clusters, find_regions
from indexer.sampling.counts import ClassCounts, class_counts, region_counts, region_index
from indexer.sampling.intervals import interval_sample
from indexer.sampling.landscape import Codes, Landscape, read_classes, read_landscape, units_of
from indexer.sampling.moran import GlobalMoran, Moments, global_moran
from indexer.sampling.neighbours import INVERSE_DISTANCE, Floats, Weights
from indexer.sampling.sample import Layer, Row, Sample, SamplePoint, Table, Value
from trsllava.errors import InputError, Parameter
from trsllava.raster.values import Grid, ValueRaster, opened_values
from trsllava.records import Window

_TABLE_ROWS = 50


@dataclass(frozen=True)
class MoranStrategy:
    """Sample the significant regions of a value raster by the land cover in them."""

    values: Path
    land_cover: Path
    area: Area = EVERYWHERE
    cell: int = 1
    """Pixels of the value raster that a cell is wide and high."""
    band: int = 1
    weights: Weights = INVERSE_DISTANCE
    significance: Significance = FEW_FALSE
    name: str = "moran"

    @property
    def asked(self) -> dict[str, Value]:
        """What was asked for."""
        return {
            "value raster": f"{self.values.name}, band {self.band}",
            "land cover": self.land_cover.name,
            "area": str(self.area),
            "pixels of a cell's side": self.cell,
            "exponent of distance": self.weights.gamma,
            "false-discovery rate": self.significance.rate,
            "permutations": self.significance.permutations,
        }

    def sample(self, count: int, seed: int) -> Sample:
        """Raises InputError where the values lie at random, or no significant region has mixed land cover."""
        cells = read_cells(self.values, side=self.cell, band=self.band, area=self.area)
        moments = Moments.of(cells.values)
        whole = global_moran(cells.values, self.weights, moments)
        if whole.p > self.significance.rate:
            raise InputError(
                f"The values of {self.values} lie at random (Moran's I {whole.index:.4f}, p = {whole.p:.3f}), so no "
                "region stands out. Take another value raster or another strategy."
            )
        clusters = find_clusters(cells.values, self.weights, moments, self.significance)
        region = clusters.region()
        if not region.any():
            raise InputError(
                f"No cell of {self.values} is significant at a false-discovery rate of {self.significance.rate:g}. "
                "Take a larger ",
                Parameter("fdr"),
                ", more ",
                Parameter("permutations"),
                " or another strategy.",
            )
        regions = find_regions(clusters.types, region)
        landscape = read_landscape(self.land_cover, cells.grid, regions.of_cell >= 0)
        plan = _plan(cells, regions, landscape, count)
        if not plan.counts.any():
            raise InputError(
                f"No significant region of {self.values} has land cover of several classes in {self.land_cover}. "
                "Take rasters that overlap, or a larger area."
            )
        points = list(_points(self.land_cover, cells, regions, landscape, plan, np.random.default_rng(seed)))
        few = (
            f"Only {len(points):,} of {count:,} points could be placed: the cells drawn have no more pixels of their "
            "classes. A larger area, or finer land cover, gives more.",
        )
        return Sample(
            points,
            _figures(whole, moments, clusters, regions) | _balance(landscape, plan) | {"points": len(points)},
            (_clusters_table(cells, clusters), _regions_table(regions, plan), _classes_table(plan)),
            Layer(
                cells.grid,
                np.where(regions.of_cell >= 0, clusters.types, 0).astype(np.int8),
                {int(cluster): cluster.words for cluster in Cluster if cluster},
            ),
            few if len(points) < count else (),
        )


@dataclass(frozen=True)
class _Plan:
    """How many samples each region and class gets, and why."""

    areas: Floats
    """Square kilometres."""
    indexes: Floats
    """rLSI."""
    counts: Codes
    classes: ClassCounts


def _plan(cells: Cells, regions: Regions, landscape: Landscape, count: int) -> _Plan:
    number = len(regions.types)
    of_unit = regions.of_cell.ravel()
    inside = np.flatnonzero(of_unit >= 0)
    areas: Floats = np.bincount(of_unit[inside], cells.grid.areas()[inside // cells.grid.width], number).astype(float)
    indexes = region_index(landscape, of_unit, number)
    counts = region_counts(indexes, areas, count)
    return _Plan(areas, indexes, counts, class_counts(landscape, of_unit, counts))


def _points(
    land_cover: Path, cells: Cells, regions: Regions, landscape: Landscape, plan: _Plan, rng: np.random.Generator
) -> Iterator[SamplePoint]:
    """Pick units by eq. 12, then in each unit a pixel of the class."""
    unit_index = landscape.unit_index()
    region = regions.of_cell.ravel()[landscape.units].astype(np.int64)
    order = np.lexsort((landscape.units, landscape.classes, region))
    key = region[order] << 16 | landscape.classes[order]
    picked: list[Codes] = []
    for number, code, wanted in zip(plan.classes.regions, plan.classes.classes, plan.classes.counts, strict=True):
        if wanted:
            start, end = np.searchsorted(key, [number << 16 | code, (number << 16 | code) + 1])
            rows = order[start:end]
            picked.append(rows[interval_sample(unit_index[rows], int(wanted), rng)])
    with opened_values(land_cover) as raster:
        for row, times in zip(*np.unique(np.concatenate(picked), return_counts=True), strict=True):
            unit, code = int(landscape.units[row]), int(landscape.classes[row])
            for place in _pixels(land_cover, raster, cells.grid, unit, code, int(times), rng):
                longitude, latitude = (float(one[0]) for one in raster.grid.degrees(*place))
                yield SamplePoint(
                    id=f"r{region[row]}-c{code}-x{int(place[0])}-y{int(place[1])}",
                    longitude=longitude,
                    latitude=latitude,
                    properties={
                        "region": int(region[row]),
                        "cluster": Cluster(int(regions.types[region[row]])).words,
                        "value": float(cells.values.flat[unit]),
                        "class": code,
                        "unit_index": float(unit_index[row]),
                    },
                )


def _pixels(
    land_cover: Path, raster: ValueRaster, grid: Grid, unit: int, code: int, count: int, rng: np.random.Generator
) -> Iterator[tuple[float, float]]:
    """Centres of pixels of a class in a unit, none twice as long as there are enough."""
    window = _window_of(raster.grid, grid, unit)
    inside = (units_of(raster.grid, grid, window) == unit) & (read_classes(land_cover, raster, window) == code)
    rows, cols = np.nonzero(inside)
    for pick in rng.permutation(len(rows))[:count]:
        yield window.col + cols[pick] + 0.5, window.row + rows[pick] + 0.5


def _window_of(pixels: Grid, grid: Grid, unit: int) -> Window:
    """The window of land-cover pixels around a unit."""
    row, col = divmod(unit, grid.width)
    steps = np.linspace(0, 1, 9)
    across, down = np.meshgrid(col + steps, row + steps)
    cols, rows = pixels.cells_of(grid, across.ravel(), down.ravel())
    left, top = max(0, int(np.nanmin(cols)) - 1), max(0, int(np.nanmin(rows)) - 1)
    right, bottom = min(pixels.width, int(np.nanmax(cols)) + 2), min(pixels.height, int(np.nanmax(rows)) + 2)
    return Window(left, top, right - left, bottom - top)


def _figures(whole: GlobalMoran, moments: Moments, clusters: Clusters, regions: Regions) -> dict[str, Value]:
    return {
        "cells with data": moments.count,
        "mean value": moments.mean,
        "Moran's I": whole.index,
        "z": whole.z,
        "p": whole.p,
        "hot-spot cells": int(np.count_nonzero(clusters.spots > 0)),
        "cold-spot cells": int(np.count_nonzero(clusters.spots < 0)),
        "cells in the region": int(np.count_nonzero(regions.of_cell >= 0)),
        "regions": len(regions.types),
    }


def _balance(landscape: Landscape, plan: _Plan) -> dict[str, Value]:
    """How evenly the points lie over classes, and how evenly points anywhere in the region would."""
    codes, place = np.unique(landscape.classes, return_inverse=True)
    chosen = [plan.classes.counts[plan.classes.classes == code].sum() for code in codes]
    return {
        "balance over classes": evenness(np.array(chosen)),
        "balance of uniform points in the region": evenness(np.bincount(place, landscape.pixels, len(codes))),
    }


def _clusters_table(cells: Cells, clusters: Clusters) -> Table:
    rows: list[Row] = []
    region = clusters.region()
    for cluster in Cluster:
        mask = clusters.types == cluster
        if cluster is Cluster.NONE:
            mask &= ~np.isnan(cells.values)
        rows.append(
            {
                "cluster": "not significant" if cluster is Cluster.NONE else cluster.words,
                "cells": int(np.count_nonzero(mask)),
                "in the region": int(np.count_nonzero(mask & region)),
                "mean value": float(cells.values[mask].mean()) if mask.any() else "",
            }
        )
    return Table("Cluster types", rows, "By local Moran's I (Table 3 of the paper); the region is that of eq. 8.")


def _regions_table(regions: Regions, plan: _Plan) -> Table:
    largest = np.argsort(-plan.counts, kind="stable")[:_TABLE_ROWS]
    rows: list[Row] = [
        {
            "region": int(number),
            "cluster": Cluster(int(regions.types[number])).words,
            "km²": float(plan.areas[number]),
            "rLSI": float(plan.indexes[number]),
            "points": int(plan.counts[number]),
        }
        for number in largest
        if plan.counts[number]
    ]
    left = np.count_nonzero(plan.counts) - len(rows)
    note = f"{left:,} more regions have {plan.counts.sum() - sum(int(row['points']) for row in rows):,} points."
    return Table("Regions", rows, note if left else "")


def _classes_table(plan: _Plan) -> Table:
    found = plan.classes
    return Table(
        "Land-cover classes",
        [
            {"class": int(code), "points": int(found.counts[found.classes == code].sum())}
            for code in np.unique(found.classes)
        ],
    )
