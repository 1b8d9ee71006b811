"""Sampling by Moran's I over a large raster: how long does it take, and how much memory?

    python -m eval.benchmarks.sampling

Draws a value raster of a million cells (noise with 40 bright and 40 dark spots) and a land-cover raster of 16 pixels
a cell, both as GeoTIFFs in a temporary folder, then runs each step in this process: reading, global Moran's I,
cluster types by permutation with Gi*, regions, land cover, points. Prints the seconds of each and the peak memory of
the process, and exits with 1 where the statistics take longer than 10 seconds or the process more than 1 GB.
Of each step, the seconds that passed come first, then those of the processor: on a busy machine they differ.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray

from indexer.sampling.balance import evenness
from indexer.sampling.by_moran import MoranStrategy
from indexer.sampling.cells import read_cells
from indexer.sampling.clusters import Significance, find_clusters, find_regions
from indexer.sampling.landscape import read_landscape
from indexer.sampling.moran import Moments, global_moran
from indexer.sampling.neighbours import INVERSE_DISTANCE

LIMIT_SECONDS, LIMIT_BYTES = 10.0, 1 << 30
_FINE = 4
"""Pixels of land cover a cell's side."""
_SPOT = 16
_SPOTS = 40
_POINTS = 1000


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.benchmarks.sampling", description=__doc__)
    parser.add_argument("--side", type=int, default=1000, help="cells a side")
    parser.add_argument("--permutations", type=int, default=Significance.permutations)
    given = parser.parse_args(arguments)

    with tempfile.TemporaryDirectory() as temporary:
        values, cover = Path(temporary) / "values.tif", Path(temporary) / "cover.tif"
        planted, classes = _draw(values, cover, given.side)
        print(f"{given.side**2:,} cells, {(given.side * _FINE) ** 2:,} pixels of land cover; "
              f"memory before: {_peak() / 1e6:.0f} MB")  # fmt: skip
        significance = Significance(permutations=given.permutations)
        seconds = _statistics(values, cover, significance, planted)
        start = time.perf_counter()
        sample = MoranStrategy(values, cover, significance=significance).sample(_POINTS, seed=0)
        print(f"the whole strategy, {len(sample.points)} points: {time.perf_counter() - start:.1f} s")
        for name in ("balance over classes", "balance of uniform points in the region"):
            print(f"{name}: {sample.figures[name]:.3f}")
        print(f"balance of uniform points over the raster: {evenness(classes):.3f}")
    peak = _peak()
    print(f"statistics: {seconds:.1f} s; peak memory of the process: {peak / 1e6:.0f} MB")
    if seconds > LIMIT_SECONDS or peak > LIMIT_BYTES:
        sys.exit(1)


def _statistics(values: Path, cover: Path, significance: Significance, planted: NDArray[np.bool_]) -> float:
    """Run the steps one by one; returns the seconds of those that work on the cells alone."""
    clock = _Clock()
    cells = read_cells(values)
    clock.told("reading the cells")
    moments = Moments.of(cells.values)
    whole = global_moran(cells.values, INVERSE_DISTANCE, moments)
    clock.told(f"global Moran's I = {whole.index:.4f}, z = {whole.z:.1f}")
    clusters = find_clusters(cells.values, INVERSE_DISTANCE, moments, significance)
    clock.told(f"local Moran's I with {significance.permutations:,} permutations, Gi*, false-discovery control")
    regions = find_regions(clusters.types, clusters.region())
    clock.told(f"{len(regions.types):,} regions")
    inside = regions.of_cell >= 0
    print(f"planted cells found: {inside[planted].mean():.1%}; cells elsewhere taken: {inside[~planted].mean():.3%}")
    statistics = clock.total
    landscape = read_landscape(cover, cells.grid, inside)
    clock.told(f"landscape index of {len(landscape.units):,} classes in units")
    return statistics


class _Clock:
    def __init__(self) -> None:
        self.total = 0.0
        self._last, self._worked = time.perf_counter(), time.process_time()

    def told(self, what: str) -> None:
        now, worked = time.perf_counter(), time.process_time()
        print(f"{now - self._last:6.2f} s  {worked - self._worked:6.2f} s  {what}")
        self.total += now - self._last
        self._last, self._worked = now, worked


def _draw(values: Path, cover: Path, side: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Write both rasters; returns where spots were planted, and the pixels of each class."""
    rng = np.random.default_rng(0)
    field = rng.normal(10, 2, (side, side)).astype(np.float32)
    classes = np.full((side * _FINE, side * _FINE), 40, np.uint8)
    planted = np.zeros((side, side), np.bool_)
    for number in range(2 * _SPOTS):
        row, col = rng.integers(0, side - _SPOT, 2)
        spot = np.s_[row : row + _SPOT, col : col + _SPOT]
        field[spot] += 8 if number % 2 else -8
        planted[spot] = True
        fine = np.s_[row * _FINE : (row + _SPOT) * _FINE, col * _FINE : (col + _SPOT) * _FINE]
        classes[fine] = rng.choice([50, 40, 10, 80], classes[fine].shape, p=[0.85, 0.05, 0.05, 0.05])
    step = 0.005
    for path, samples, width in ((values, field, step), (cover, classes, step / _FINE)):
        shape = {"width": samples.shape[1], "height": samples.shape[0], "count": 1, "dtype": samples.dtype}
        transform = Affine(width, 0, 5, 0, -width, 52)
        tiled = {"tiled": True, "compress": "deflate"}
        with rasterio.open(path, "w", driver="GTiff", crs="EPSG:4326", transform=transform, **shape, **tiled) as file:
            file.write(samples, 1)
    counts = np.bincount(classes.ravel())
    return planted, counts[counts > 0]


def _peak() -> int:
    """Bytes; Linux counts in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
