"""What lies in an area, at the dateline and the poles as anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from trsllava.places.area import Ground, area_of, circle
from trsllava.records import Footprint


def tile(west: float, south: float, size: float = 0.01) -> Footprint:
    """A box of so many degrees."""
    west = (west + 180) % 360 - 180
    east = west + size
    return Footprint(west=west, south=south, east=east if east <= 180 else east - 360, north=min(south + size, 90))


@pytest.mark.parametrize(
    ("middle", "footprint", "inside"),
    [
        ((4.48, 51.92), tile(4.6, 51.9), True),
        ((4.48, 51.92), tile(4.9, 51.9), False),  # Rotterdam to Gouda and beyond: 29 km
        ((179.9, -17.0), tile(-179.95, -17.0), True),
        ((-179.9, -17.0), tile(179.95, -17.0), True),
        ((179.9, -17.0), tile(-179.5, -17.0), False),
        ((0.0, 89.95), tile(180.0, 89.9), True),
        ((0.0, 89.95), tile(90.0, 89.7), False),
        ((10.0, 60.0), tile(10.4, 60.0), True),  # 22 km at 60 degrees north
        ((10.0, 0.0), tile(10.4, 0.0), False),  # 44 km on the equator
    ],
)
def test_a_circle_of_25_km_is_round_on_the_globe(
    middle: tuple[float, float], footprint: Footprint, inside: bool
) -> None:
    assert Ground(circle(*middle, 25)).meets(footprint) is inside


def test_a_tile_around_a_small_circle_meets_it() -> None:
    assert Ground(circle(4.5, 51.5, 0.1)).meets(tile(4.0, 51.0, 1.0))


def test_a_hole_is_not_part_of_an_area() -> None:
    ring = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0))
    hole = ((4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0), (4.0, 4.0))
    ground = Ground(area_of([ring, hole]))
    assert ground.meets(tile(1, 1))
    assert ground.meets(tile(3.995, 5))
    assert not ground.meets(tile(5, 5))
    assert not ground.meets(tile(11, 5))


def test_a_line_reaches_to_both_sides() -> None:
    ground = Ground(area_of(lines=[((0.0, 50.0), (4.0, 50.0))], km=15))
    assert ground.meets(tile(2, 50.1))
    assert ground.meets(tile(2, 49.88))
    assert not ground.meets(tile(2, 50.2))
    assert not ground.meets(tile(4.4, 50))


corners = st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=3, max_size=6, unique=True)


@given(
    corners, st.integers(-25, 25), st.integers(-25, 25), st.sampled_from([0.5, 3.0]), st.sampled_from([0, 170, -170])
)
def test_a_ring_meets_what_shapely_says_wherever_it_lies(
    points: list[tuple[int, int]], west: int, south: int, size: float, moved: int
) -> None:
    shape = Polygon(points)
    if not shape.is_valid:
        return
    ring = tuple((float(x) + moved, float(y)) for x, y in (*points, points[0]))
    area = area_of([ring])
    footprint = tile(west + 0.25 + moved, south + 0.25, size)
    meets = Ground(area).meets(footprint)
    assert meets == shape.intersects(box(west + 0.25, south + 0.25, west + 0.25 + size, south + 0.25 + size))
    if meets:  # and where a store looks
        assert any(Ground(area_of([outline(held)])).meets(footprint) for held in area.boxes)
    assert len(area.boxes) <= 16


def outline(held: Footprint) -> tuple[tuple[float, float], ...]:
    west, east, south, north = held.west, held.unwrapped_east, held.south, held.north
    return ((west, south), (east, south), (east, north), (west, north), (west, south))


def test_the_boxes_of_an_area_hold_little_else() -> None:
    boxes = area_of(lines=[((0.0, 40.0), (10.0, 50.0))], km=20).boxes
    assert sum((one.east - one.west) * (one.north - one.south) for one in boxes) < 30  # the box around all: above 100
