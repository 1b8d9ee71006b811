"""A label stays where its object is seen, and goes where only a corner of it is: Fig. 3 of LuojiaHOG."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from indexer.dataset.scope import Presence, Scope, presence

TILE = shapely.box(10, 50, 10.01, 50.01)
FAR = 1.0


def seen(shape: Any) -> bool:
    found = presence(shape, TILE)
    return found is not None and Scope().keeps(found)


@pytest.mark.parametrize(
    ("what", "shape"),
    [
        ("a small object inside", shapely.box(10.004, 50.004, 10.0045, 50.0045)),
        ("a small object inside, right at the edge", shapely.box(10, 50.004, 10.0005, 50.0045)),
        ("a small object cut in its middle", shapely.box(9.9995, 50.004, 10.0005, 50.005)),
        ("a large object that covers a tenth of the tile", shapely.box(10 - FAR, 50, 10.001, 50.01)),
        ("an object larger than the tile", shapely.box(9, 49, 11, 51)),
        ("a road across", shapely.LineString([(9, 50.005), (11, 50.005)])),
        ("a short pier", shapely.LineString([(10.002, 50.002), (10.0025, 50.002)])),
        ("a tower in the middle", shapely.Point(10.005, 50.005)),
        ("a tower near the corner", shapely.Point(10.001, 50.009)),
    ],
)
def test_what_is_seen_keeps_its_label(what: str, shape: Any) -> None:
    assert seen(shape)


@pytest.mark.parametrize(
    ("what", "shape"),
    [
        ("the corner of a large cemetery", shapely.box(10 - FAR, 50 - FAR, 10.001, 50.001)),
        ("a strip of a large field", shapely.box(10 - FAR, 50, 10.0004, 50.01)),
        ("a road that clips the corner", shapely.LineString([(9, 50.001), (10.001, 50.001), (10.001, 49)])),
        ("a tower on the edge", shapely.Point(10.0001, 50.005)),
        ("nothing at all", shapely.box(11, 51, 12, 52)),
        ("what touches the edge from outside", shapely.box(9, 50, 10, 50.01)),
    ],
)
def test_what_lies_only_at_the_edge_does_not(what: str, shape: Any) -> None:
    assert not seen(shape)


def test_small_parts_of_one_label_count_together() -> None:
    """A wood mapped as many large pieces that each reach in a little."""
    strips = [shapely.box(10 - FAR, 50 + n * 0.002, 10.001, 50.002 + n * 0.002) for n in range(5)]
    parts = [presence(strip, TILE) for strip in strips]
    together = sum((part for part in parts if part), start=Presence())

    assert not any(Scope().keeps(part) for part in parts if part)
    assert Scope().keeps(together)
    assert together.of_tile == pytest.approx(0.1)


def test_the_parts_of_a_multipolygon_are_one_object() -> None:
    near, far = shapely.box(10.002, 50.002, 10.003, 50.003), shapely.box(10.5, 50.5, 10.9, 50.9)
    alone, both = presence(near, TILE), presence(shapely.MultiPolygon([near, far]), TILE)

    assert alone is not None
    assert both is not None
    assert (alone.of_object, both.of_tile) == (pytest.approx(1), pytest.approx(0.01))
    assert both.of_object < 0.01


SMALL_AND_APART = [(10.0002, 50.0002), (10.003, 50.0002), (10.006, 50.0002)]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.MultiPolygon([shapely.box(x, y, x + 0.0005, y + 0.0005) for x, y in SMALL_AND_APART]),
        shapely.MultiLineString([[(x, y), (x + 0.0005, y)] for x, y in SMALL_AND_APART]),
    ],
)
def test_an_object_in_three_small_parts_within_the_tile_is_shown_whole(shape: Any) -> None:
    found = presence(shape, TILE)

    assert found is not None
    assert found.of_object == pytest.approx(1)
    assert Scope().keeps(found)


def test_a_collection_in_a_collection_is_taken_apart() -> None:
    towers = shapely.MultiPoint([(10.004, 50.004), (10.006, 50.006), (11, 51)])
    found = presence(shapely.GeometryCollection([shapely.GeometryCollection([towers]), shapely.Polygon()]), TILE)

    assert found == Presence(inner_points=2)


def test_a_road_across_has_the_length_of_a_side_at_any_latitude_and_in_any_direction() -> None:
    tile = shapely.box(10, 60, 10.02, 60.01)  # 0.02° to the east are as long as 0.01° to the north
    east = presence(shapely.LineString([(10, 60.005), (10.02, 60.005)]), tile)
    north = presence(shapely.LineString([(10.01, 60), (10.01, 60.01)]), tile)

    assert east is not None
    assert north is not None
    assert east.of_side == pytest.approx(1, abs=1e-3)
    assert north.of_side == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("x", "inner"), [(179.995, 1), (-179.995, 1), (180.0, 1), (179.9904, 0), (-179.9904, 0)])
def test_a_tower_is_seen_in_a_tile_on_either_side_of_the_dateline(x: float, inner: int) -> None:
    tile = shapely.MultiPolygon([shapely.box(179.99, 0, 180, 0.02), shapely.box(-180, 0, -179.99, 0.02)])
    found = presence(shapely.Point(x, 0.01), tile)

    assert found is not None
    assert found.inner_points == inner


def test_a_tile_on_either_side_of_the_dateline_is_one_tile() -> None:
    tile = shapely.MultiPolygon([shapely.box(179.99, 0, 180, 0.02), shapely.box(-180, 0, -179.99, 0.02)])
    east = presence(shapely.box(-180, 0, -179.99, 0.02), tile)

    assert east is not None
    assert east.of_tile == pytest.approx(0.5)


@given(
    west=st.floats(9.98, 10.01), south=st.floats(49.98, 50.01), wide=st.floats(1e-4, 0.05), high=st.floats(1e-4, 0.05)
)
def test_shares_are_those_of_the_areas(west: float, south: float, wide: float, high: float) -> None:
    found = presence(shapely.box(west, south, west + wide, south + high), TILE)
    across = max(0.0, min(west + wide, 10.01) - max(west, 10))
    along = max(0.0, min(south + high, 50.01) - max(south, 50))

    assert (found or Presence()).of_tile == pytest.approx(across * along / 1e-4, abs=1e-9)
    assert (found or Presence()).of_object == pytest.approx(across * along / (wide * high), abs=1e-9)
