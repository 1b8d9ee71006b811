"""Train, validation and test without spatial leakage: whole blocks of the Earth, and a distance between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from indexer.dataset.records import SPLITS
from indexer.sampling.blocks import EARTH_KM, SHARES, split_by_blocks
from trsllava.records import Footprint

_SHARES = dict(zip(SPLITS, SHARES.values(), strict=True))
_ROUNDING = 1e-9
"""Kilometres."""


@dataclass(frozen=True)
class DataSetSplit:
    """Which pictures go where."""

    of_image: Mapping[str, str]
    """Split by id, without the pictures left out."""
    left_out: tuple[str, ...]
    """Pictures too near to another split."""
    nearest_km: Mapping[tuple[str, str], float]
    """At least so much ground lies between any two pictures of two splits."""


def split_tiles(tiles: Mapping[str, Footprint], *, block_km: float, gap_km: float, seed: int) -> DataSetSplit:
    """Split tiles by blocks of `block_km` a side, with at least `gap_km` of ground between tiles of two splits.

    A tile belongs to the block that its centre lies in.
    """
    names = sorted(tiles)
    if not names:
        return DataSetSplit({}, (), {})
    centres = [_centre(tiles[name]) for name in names]
    reach = max(_reach(tiles[name]) for name in names)
    found = split_by_blocks(
        [x for x, _ in centres],
        [y for _, y in centres],
        block_km=block_km,
        gap_km=gap_km + 2 * reach + _ROUNDING,
        seed=seed,
        shares=_SHARES,
    )
    return DataSetSplit(
        {name: split for name, split in zip(names, found.names, strict=True) if split},
        tuple(name for name, split in zip(names, found.names, strict=True) if not split),
        {pair: km - 2 * reach for pair, km in found.nearest_km.items()},
    )


def _centre(tile: Footprint) -> tuple[float, float]:
    x = (tile.west + tile.unwrapped_east) / 2
    return x - 360 if x > 180 else x, (tile.south + tile.north) / 2


def _reach(tile: Footprint) -> float:
    """Kilometres from a tile's centre to its farthest corner."""
    x, y = _centre(tile)
    corners = [(side, end) for side in (tile.west, tile.east) for end in (tile.south, tile.north)]
    return max(distance_km(x, y, *corner) for corner in corners)


def distance_km(x: float, y: float, other_x: float, other_y: float) -> float:
    """On the sphere, between points in degrees (haversine formula)."""
    y1, y2 = np.radians(y), np.radians(other_y)
    half = np.sin((y2 - y1) / 2) ** 2 + np.cos(y1) * np.cos(y2) * np.sin(np.radians(other_x - x) / 2) ** 2
    return float(2 * EARTH_KM * np.arcsin(min(1.0, half**0.5)))
