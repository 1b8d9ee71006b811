"""Splits without spatial leakage: whole blocks of the Earth go to train, validation or test, and points too near to
another split are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.sampling.majortom_grid import MajorTomGrid
from indexer.sampling.neighbours import Floats

EARTH_KM = 6371.0088
SHARES: Mapping[str, float] = {"train": 0.7, "val": 0.1, "test": 0.2}
"""LuojiaHOG's own (section 5.2.1)."""
_TRIES = 20


@dataclass(frozen=True)
class Split:
    """Which points go where."""

    names: Sequence[str]
    """Of each point; empty where it was left out."""
    left_out: int
    nearest_km: Mapping[tuple[str, str], float]
    """The smallest distance between points of two splits."""


def split_by_blocks(
    longitudes: Sequence[float],
    latitudes: Sequence[float],
    *,
    block_km: float,
    gap_km: float,
    seed: int,
    shares: Mapping[str, float] = SHARES,
) -> Split:
    """Assign points by the cells of Major TOM's grid of `block_km`.

    Blocks come in random order, each to the split that lacks most points. Of two splits that come nearer than
    `gap_km`, the one with the larger share gives points up, so at least that distance lies between any two splits.
    """
    grid = MajorTomGrid(block_km)
    blocks = [grid.cell_at(x, y).name for x, y in zip(longitudes, latitudes, strict=True)]
    names = _assigned(np.array(blocks), shares, np.random.default_rng(seed))
    places = _on_sphere(np.asarray(longitudes, float), np.asarray(latitudes, float))
    by_share = sorted(shares, key=lambda name: shares[name])
    for number, small in enumerate(by_share):
        for large in by_share[number + 1 :]:
            near = _nearest(places[names == large], places[names == small]) < gap_km
            names[np.flatnonzero(names == large)[near]] = ""
    kept = [name for name in shares if (names == name).any()]
    nearest = {
        (one, other): float(_nearest(places[names == one], places[names == other]).min())
        for number, one in enumerate(kept)
        for other in kept[number + 1 :]
    }
    return Split([str(name) for name in names], int(np.count_nonzero(names == "")), nearest)


def _assigned(blocks: NDArray[np.str_], shares: Mapping[str, float], rng: np.random.Generator) -> NDArray[np.object_]:
    """Of each point, the split of its block; of some random orders the one that comes nearest to the shares."""
    kinds, of_point, sizes = np.unique(blocks, return_inverse=True, return_counts=True)
    total = sum(shares.values())
    best, least = np.empty(len(kinds), object), np.inf
    for _ in range(_TRIES):
        lacking = {name: share / total * len(blocks) for name, share in shares.items()}
        of_block = np.empty(len(kinds), object)
        for block in rng.permutation(len(kinds)):
            name = max(lacking, key=lambda one: lacking[one])
            of_block[block] = name
            lacking[name] -= float(sizes[block])
        off = sum(map(abs, lacking.values()))
        if off < least:
            best, least = of_block, off
    return best[of_point]


def _nearest(places: Floats, others: Floats) -> Floats:
    """`(n,)`: kilometres on the sphere from each place to the nearest of the others."""
    from scipy.spatial import cKDTree

    if not len(places) or not len(others):
        return np.full(len(places), np.inf)
    chords, _ = cKDTree(others).query(places)
    found: Floats = 2 * EARTH_KM * np.arcsin(np.minimum(1, chords / 2))
    return found


def _on_sphere(longitudes: Floats, latitudes: Floats) -> Floats:
    """`(n, 3)` unit vectors."""
    x, y = np.radians(longitudes), np.radians(latitudes)
    return np.column_stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])
