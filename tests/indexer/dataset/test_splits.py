"""Between pictures of two splits lies the stated ground, whatever the places."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import shapely.ops
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.dataset.records import SPLITS
from indexer.dataset.splits import distance_km, split_tiles
from indexer.sampling.majortom_grid import MajorTomGrid
from indexer.sampling.sample import SamplePoint
from indexer.sampling.tiles import square_around
from trsllava.records import Footprint

places = st.lists(
    st.tuples(st.floats(9, 10, allow_nan=False), st.floats(-60, -59, allow_nan=False)), min_size=1, max_size=60
)


def tiles_at(points: list[tuple[float, float]], metres: float) -> dict[str, Footprint]:
    return {
        f"t{number}": square_around(SamplePoint(f"t{number}", x, y, {}), metres)
        for number, (x, y) in enumerate(points)
    }


def ground_between(one: Footprint, other: Footprint) -> float:
    """Kilometres between the nearest points of two boxes that are narrow enough to count as flat."""
    x1, y1 = one.west, one.south
    a = shapely.box(0, 0, one.unwrapped_east - one.west, one.north - one.south)
    across = (other.west - x1 + 180) % 360 - 180
    b = shapely.box(across, other.south - y1, across + other.unwrapped_east - other.west, other.north - y1)
    p, q = shapely.ops.nearest_points(a, b)
    return distance_km(x1 + p.x, y1 + p.y, x1 + q.x, y1 + q.y)


@settings(max_examples=60)
@given(
    points=places, metres=st.floats(100, 5000), block=st.floats(2, 40), gap=st.floats(0, 8), seed=st.integers(0, 99)
)
def test_the_stated_distance_lies_between_any_two_splits(
    points: list[tuple[float, float]], metres: float, block: float, gap: float, seed: int
) -> None:
    tiles = tiles_at(points, metres)
    found = split_tiles(tiles, block_km=block, gap_km=gap, seed=seed)

    assert set(found.of_image) | set(found.left_out) == set(tiles)
    assert not set(found.of_image) & set(found.left_out)
    assert set(found.of_image.values()) <= set(SPLITS)
    for one, other in product(found.of_image, repeat=2):
        if found.of_image[one] != found.of_image[other]:
            assert ground_between(tiles[one], tiles[other]) >= gap
    assert all(km >= gap for km in found.nearest_km.values())


@settings(max_examples=40)
@given(points=places, block=st.floats(2, 40), seed=st.integers(0, 99))
def test_no_block_is_in_two_splits(points: list[tuple[float, float]], block: float, seed: int) -> None:
    found = split_tiles(tiles_at(points, 200), block_km=block, gap_km=0, seed=seed)
    grid = MajorTomGrid(block)
    of_block: dict[str, set[str]] = {}
    for name, split in found.of_image.items():
        x, y = points[int(name[1:])]
        of_block.setdefault(grid.cell_at(x, y).name, set()).add(split)

    assert all(len(splits) == 1 for splits in of_block.values())


def test_shares_come_near_to_those_wanted() -> None:
    rng = np.random.default_rng(0)
    tiles = tiles_at(list(zip(rng.uniform(0, 8, 800), rng.uniform(40, 46, 800), strict=True)), 500)
    found = split_tiles(tiles, block_km=20, gap_km=0.5, seed=1)
    shares = [sum(split == name for split in found.of_image.values()) / 800 for name in SPLITS]

    assert shares == pytest.approx([0.7, 0.1, 0.2], abs=0.05)


def test_tiles_on_both_sides_of_the_dateline_are_neighbours() -> None:
    points = [(179.99, 10.0), (-179.99, 10.0)] * 3
    tiles = tiles_at([(x, y + number * 0.001) for number, (x, y) in enumerate(points)], 300)
    found = split_tiles(tiles, block_km=1, gap_km=50, seed=0)

    assert len(set(found.of_image.values())) == 1


def test_an_equal_seed_splits_equally_and_no_tile_is_no_fault() -> None:
    tiles = tiles_at([(x / 10, 50) for x in range(40)], 300)

    assert split_tiles(tiles, block_km=5, gap_km=1, seed=3) == split_tiles(tiles, block_km=5, gap_km=1, seed=3)
    assert split_tiles({}, block_km=5, gap_km=1, seed=3).of_image == {}
