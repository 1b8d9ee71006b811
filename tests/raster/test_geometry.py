"""Footprints as GeoJSON: in range, closed, anticlockwise, and cut at the dateline without losing ground."""

from __future__ import annotations

import math

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.crs import CRS

from trsllava.raster.footprint import footprint_of
from trsllava.raster.geometry import bbox_of, geometry_of
from trsllava.records import Footprint, Window


def polygons(geometry):
    return geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]


def signed_area(ring):
    x, y = np.array(ring).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2


def test_a_box_is_a_rectangle():
    assert geometry_of(Footprint(west=7, south=46, east=8, north=48)) == {
        "type": "Polygon",
        "coordinates": [[[7, 46], [8, 46], [8, 48], [7, 48], [7, 46]]],
    }


def test_a_box_across_the_dateline_is_two_rectangles():
    geometry = geometry_of(Footprint(west=179, south=0, east=-178, north=1))

    assert geometry == {
        "type": "MultiPolygon",
        "coordinates": [
            [[[179, 0], [180, 0], [180, 1], [179, 1], [179, 0]]],
            [[[-180, 0], [-178, 0], [-178, 1], [-180, 1], [-180, 0]]],
        ],
    }


def test_the_bbox_keeps_west_greater_than_east_at_the_dateline():
    assert bbox_of(Footprint(west=179, south=0, east=-178, north=1)) == [179, 0, -178, 1]


@pytest.mark.parametrize(("west", "east"), [(-180, -170), (170, 180), (-180, 180)])
def test_a_box_that_ends_at_the_dateline_is_not_cut(west, east):
    assert geometry_of(Footprint(west=west, south=0, east=east, north=1))["type"] == "Polygon"


def test_a_rotated_outline_is_kept_and_turned_anticlockwise():
    ring = ((7, 48), (8, 49), (9, 48), (8, 47), (7, 48))
    (polygon,) = polygons(geometry_of(Footprint(west=7, south=47, east=9, north=49, polygon=ring)))

    assert {tuple(point) for point in polygon[0]} == set(ring)
    assert signed_area(polygon[0]) == 2


def test_a_footprint_without_area_is_still_a_closed_polygon():
    geometry = geometry_of(Footprint(west=180, south=0, east=180, north=1))

    assert geometry["type"] == "Polygon"
    assert geometry["coordinates"][0][0] == geometry["coordinates"][0][-1]


@settings(deadline=None)
@given(
    longitude=st.floats(-180, 179.99),
    latitude=st.floats(-70, 70),
    turn=st.floats(-180, 180),
    width=st.floats(0.01, 15),
    height=st.floats(0.01, 15),
)
def test_cutting_loses_no_ground_and_stays_in_range(longitude, latitude, turn, width, height):
    sine, cosine = math.sin(math.radians(turn)), math.cos(math.radians(turn))
    transform = Affine(
        width / 10 * cosine, height / 10 * sine, longitude, width / 10 * sine, -height / 10 * cosine, latitude
    )
    footprint = footprint_of(transform, CRS.from_epsg(4326), Window(0, 0, 10, 10))
    assert footprint is not None

    rings = [polygon[0] for polygon in polygons(geometry_of(footprint))]

    for ring in rings:
        assert ring[0] == ring[-1]
        assert len(ring) >= 4
        assert signed_area(ring) > 0
        assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in ring)
    expected = (
        abs(signed_area(footprint.polygon))
        if footprint.polygon
        else (footprint.unwrapped_east - footprint.west) * (footprint.north - footprint.south)
    )
    assert sum(map(signed_area, rings)) == pytest.approx(expected, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(("epsg", "pole"), [(3413, 90), (3031, -90)])
def test_a_scene_around_a_pole_is_one_polygon_over_the_whole_width_of_the_map(epsg, pole):
    footprint = footprint_of(Affine(1000, 0, -30_000, 0, -1000, 70_000), CRS.from_epsg(epsg), Window(0, 0, 100, 100))
    assert footprint is not None

    geometry = geometry_of(footprint)

    assert geometry["type"] == "Polygon"
    (ring,) = geometry["coordinates"]
    assert {x for x, y in ring if y == pole} == {-180, 180}
    assert signed_area(ring) > 0
    edge = [x for x, y in ring[:-1] if y != pole]
    assert (min(edge), max(edge)) == (-180, 180)
    assert len(set(edge)) == len(edge) >= 6
