"""Footprints: where pixels lie, at the dateline and the poles too, and what meets what."""

from __future__ import annotations

import math

import numpy as np
import pytest
from affine import Affine
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rasterio.crs import CRS
from rasterio.warp import transform as warp

from trsllava.raster.footprint import footprint_of, is_north_up, meets
from trsllava.records import Footprint, Window

WGS84 = CRS.from_epsg(4326)
ARCTIC = CRS.from_epsg(3413)
ANTARCTIC = CRS.from_epsg(3031)


def located(crs, transform, width=100, height=100, col=0, row=0):
    footprint = footprint_of(transform, crs, Window(col, row, width, height))
    assert footprint is not None
    return footprint


def degrees(crs, transform, col, row):
    x = transform.a * col + transform.b * row + transform.c
    y = transform.d * col + transform.e * row + transform.f
    longitudes, latitudes = warp(crs, "EPSG:4326", [x], [y])
    return longitudes[0], latitudes[0]


@settings(deadline=None)
@given(
    epsg=st.sampled_from([4326, 4269, 3857, 32601, 32631, 32660, 32733, 3413, 3031, 2154]),
    longitude=st.floats(-180, 180),
    latitude=st.floats(-75, 75),
    turn=st.floats(-180, 180),
    pixel=st.floats(0.1, 60),
    col=st.integers(0, 9_000),
    row=st.integers(0, 9_000),
)
def test_a_single_pixel_lies_where_rasterio_puts_it(epsg, longitude, latitude, turn, pixel, col, row):
    crs = CRS.from_epsg(epsg)
    if 32600 < epsg < 32800:
        longitude, latitude = (epsg % 100) * 6 - 183 + longitude / 60, abs(latitude) * (1 if epsg < 32700 else -1)
    if epsg == 2154:
        longitude, latitude = 3 + longitude / 30, 46 + latitude / 20
    if epsg in (3413, 3031):
        latitude = abs(latitude) * (1 if epsg == 3413 else -1)
        assume(abs(latitude) > 50)
    (x,), (y,) = warp("EPSG:4326", crs, [longitude], [latitude])
    size = pixel / 111_000 if crs.is_geographic else pixel
    transform = Affine(
        size * math.cos(math.radians(turn)),
        size * math.sin(math.radians(turn)),
        x,
        size * math.sin(math.radians(turn)),
        -size * math.cos(math.radians(turn)),
        y,
    )

    footprint = located(crs, transform, 1, 1, col, row)

    corners = np.array([degrees(crs, transform, col + i, row + j) for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))])
    corners[:, 0] = np.unwrap(corners[:, 0], period=360)
    corners[:, 0] -= 360 * math.floor((corners[:, 0].min() + 180) / 360)
    box = (footprint.west, footprint.south, footprint.unwrapped_east, footprint.north)
    expected = (*corners.min(axis=0), *corners.max(axis=0))
    for side, value in zip(box, expected, strict=True):
        assert (side - value + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)
    if footprint.polygon is not None:
        ring = np.array(footprint.polygon)
        assert (ring[0] == ring[-1]).all()
        for corner in corners:
            offsets = np.abs(ring - corner)
            offsets[:, 0] = np.abs((offsets[:, 0] + 180) % 360 - 180)
            assert offsets.max(axis=1).min() < 1e-6


def test_a_north_up_raster_in_degrees_is_its_box():
    footprint = located(WGS84, Affine(0.01, 0, 7, 0, -0.01, 48), 100, 200)

    assert footprint == Footprint(west=7, south=46, east=8, north=48)


def test_a_window_is_placed_within_its_raster():
    footprint = located(WGS84, Affine(0.01, 0, 7, 0, -0.01, 48), 10, 20, col=50, row=100)

    assert footprint == Footprint(west=7.5, south=46.8, east=7.6, north=47)


def test_a_rotated_raster_is_its_outline():
    footprint = located(WGS84, Affine(0.01, 0.01, 7, 0.01, -0.01, 48))

    assert footprint == Footprint(
        west=7, south=47, east=9, north=49, polygon=((7, 48), (8, 49), (9, 48), (8, 47), (7, 48))
    )


def test_a_small_scene_on_its_zones_central_meridian_needs_no_polygon():
    assert located(CRS.from_epsg(32631), Affine(1, 0, 500_000, 0, -1, 5_000_000)).polygon is None


def test_a_scene_at_the_edge_of_its_zone_is_an_outline_within_half_a_pixel():
    # Sentinel-2's tile size: 110 km of 10 m pixels
    crs, transform = CRS.from_epsg(32633), Affine(10, 0, 209_760, 0, -10, 6_800_040)
    footprint = located(crs, transform, 10_980, 10_980)

    assert footprint.polygon is not None
    assert len(footprint.polygon) < 60
    ring = np.array(footprint.polygon)
    for step in np.linspace(0, 1, 201):
        point = np.array(degrees(crs, transform, step * 10_980, 0))
        starts, sides = ring[:-1], np.diff(ring, axis=0)
        along = np.clip(((point - starts) * sides).sum(axis=1) / (sides**2).sum(axis=1), 0, 1)
        nearest = np.hypot(*(starts + along[:, None] * sides - point).T).min()
        assert nearest < 1.0e-4  # half of a 10 m pixel in degrees of longitude at 61 degrees north
    assert (footprint.west, footprint.east) == pytest.approx((ring[:, 0].min(), ring[:, 0].max()))


def test_the_box_holds_edges_that_bulge_beyond_the_corners():
    # the upper edge of a wide scene in a polar projection arches to the north between its corners
    transform = Affine(10_000, 0, -500_000, 0, -10_000, -1_000_000)
    footprint = located(ARCTIC, transform)

    corners = [degrees(ARCTIC, transform, col, row)[1] for col in (0, 100) for row in (0, 100)]
    assert footprint.north == pytest.approx(degrees(ARCTIC, transform, 50, 0)[1])
    assert footprint.north > max(corners) + 0.5


@pytest.mark.parametrize("left", [179.5, -180.5])
def test_a_raster_across_the_dateline_has_its_west_east_of_its_east(left):
    footprint = located(WGS84, Affine(0.01, 0, left, 0, -0.01, 10))

    assert (footprint.west, footprint.east) == (179.5, -179.5)


def test_an_outline_across_the_dateline_runs_on_past_180():
    footprint = located(WGS84, Affine(0.01, 0.01, 179, 0.01, -0.01, 10))

    assert (footprint.west, footprint.east) == (179, -179)
    assert footprint.polygon == ((179, 10), (180, 11), (181, 10), (180, 9), (179, 10))


def test_a_projected_scene_across_the_dateline_is_narrow():
    footprint = located(CRS.from_epsg(32601), Affine(100, 0, 240_000, 0, -100, 7_300_000), 1500, 600)

    assert footprint.west > 177
    assert footprint.east < -178


@pytest.mark.parametrize(
    ("left", "west", "east"), [(180, -180, -179), (-180, -180, -179), (179, 179, 180), (359, -1, 0), (-181, 179, 180)]
)
def test_a_raster_that_ends_at_the_dateline_does_not_cross_it(left, west, east):
    footprint = located(WGS84, Affine(0.01, 0, left, 0, -0.01, 10))

    assert (footprint.west, footprint.east) == (west, east)


@pytest.mark.parametrize(("left", "top"), [(-180, 90), (0, 90), (-180.25, 90.25)])
def test_the_whole_world_is_the_whole_world(left, top):
    footprint = located(WGS84, Affine(0.5, 0, left, 0, -0.5, top), 720, 361 if top > 90 else 360)

    assert footprint == Footprint(west=-180, south=-90, east=180, north=90)


def test_the_web_mercator_world_ends_at_85_degrees():
    half = 20_037_508.342789244
    footprint = located(CRS.from_epsg(3857), Affine(half / 50, 0, -half, 0, -half / 50, half))

    assert (footprint.west, footprint.east) == (-180, 180)
    assert (footprint.south, footprint.north) == pytest.approx((-85.051129, 85.051129))


@pytest.mark.parametrize(("crs", "pole"), [(ARCTIC, 90), (ANTARCTIC, -90)])
def test_a_scene_around_a_pole_reaches_it_on_all_longitudes(crs, pole):
    footprint = located(crs, Affine(1000, 0, -30_000, 0, -1000, 70_000))

    assert (footprint.west, footprint.east) == (-180, 180)
    assert pole in (footprint.south, footprint.north)
    assert 85 < min(abs(footprint.south), abs(footprint.north)) < 90
    assert footprint.polygon is not None
    for longitude in range(-180, 180, 7):
        column = Footprint(west=longitude, east=longitude, south=min(pole, 0), north=max(pole, 0))
        near = Footprint(west=longitude, east=longitude, south=pole * 0.999, north=pole * 0.999)
        far = Footprint(west=longitude, east=longitude, south=pole * 0.95, north=pole * 0.95)
        assert meets(footprint, column)
        assert meets(footprint, near)
        assert not meets(footprint, far)


@pytest.mark.parametrize("corner", [(0, 0), (-100_000, 0), (0, 100_000), (-100_000, 100_000), (-50_000, 0)])
def test_a_scene_that_touches_a_pole_with_its_edge_reaches_it(corner):
    footprint = located(ARCTIC, Affine(1000, 0, corner[0], 0, -1000, corner[1]))

    assert footprint.north == 90
    assert (footprint.west, footprint.east) == (-180, 180)


def test_a_scene_beside_a_pole_does_not_reach_it():
    footprint = located(ARCTIC, Affine(1000, 0, 10_000, 0, -1000, 50_000))

    assert footprint.north < 90
    assert footprint.unwrapped_east - footprint.west < 180


def test_of_a_full_disk_image_the_part_on_earth_counts():
    disk = CRS.from_proj4("+proj=geos +h=35785831 +lon_0=170 +sweep=y +ellps=GRS80")
    footprint = located(disk, Affine(110_000, 0, -5_500_000, 0, -110_000, 5_500_000))

    assert 90 < footprint.west < 110
    assert -130 < footprint.east < -110
    assert footprint.north > 65


def test_a_raster_in_a_local_system_lies_nowhere():
    local = CRS.from_wkt('LOCAL_CS["site",UNIT["metre",1]]')

    assert footprint_of(Affine(1, 0, 0, 0, -1, 0), local, Window(0, 0, 10, 10)) is None
    assert not is_north_up(Affine(1, 0, 0, 0, -1, 0), local, Window(0, 0, 10, 10))


def turned(angle):
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    return Affine(10 * cosine, 10 * sine, 500_000, 10 * sine, -10 * cosine, 5_000_000)


@pytest.mark.parametrize(("angle", "expected"), [(0, True), (0.9, True), (-0.9, True), (8, False), (-8, False)])
def test_north_is_up_where_rows_run_to_the_south(angle, expected):
    assert is_north_up(turned(angle), CRS.from_epsg(32631), Window(0, 0, 100, 100)) is expected


@pytest.mark.parametrize("angle", [90, 180, -90])
def test_north_is_not_up_in_a_scene_turned_on_its_side_or_head(angle):
    assert not is_north_up(turned(angle), CRS.from_epsg(32631), Window(0, 0, 100, 100))


@pytest.mark.parametrize(
    "transform", [Affine(10, 0, 500_000, 0, 10, 5_000_000), Affine(-10, 0, 500_000, 0, -10, 5_000_000)]
)
def test_north_is_not_up_in_a_mirrored_scene(transform):
    assert not is_north_up(transform, CRS.from_epsg(32631), Window(0, 0, 100, 100))


def test_north_is_up_at_the_edge_of_a_utm_zone():
    assert is_north_up(Affine(10, 0, 210_000, 0, -10, 6_800_000), CRS.from_epsg(32633), Window(0, 0, 100, 100))


def test_in_a_polar_projection_north_is_up_on_one_meridian_only():
    window = Window(0, 0, 100, 100)

    assert is_north_up(Affine(10, 0, 0, 0, -10, -1_000_000), ARCTIC, window)
    assert not is_north_up(Affine(10, 0, 1_000_000, 0, -10, 0), ARCTIC, window)
    assert not is_north_up(Affine(10, 0, 0, 0, -10, 1_000_000), ARCTIC, window)


DIAMOND = Footprint(west=0, south=0, east=2, north=2, polygon=((0, 1), (1, 2), (2, 1), (1, 0), (0, 1)))


def box(west, south, east, north):
    return Footprint(west=west, south=south, east=east, north=north)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (box(0.9, 0.9, 1.1, 1.1), True),  # inside of it
        (box(-1, -1, 3, 3), True),  # around it
        (box(0, 0, 0.4, 0.4), False),  # in the box's corner, outside of the diamond
        (box(0, 0, 0.6, 0.6), True),  # cuts a side, holds no corner of the ring
        (box(0, 0, 0.5, 0.5), True),  # touches a side
        (box(2, 0, 3, 2), True),  # touches a corner
        (box(2.1, 0, 3, 2), False),
        (box(-1, 0.95, 3, 1.05), True),  # a strip across
        (box(1, 1, 1, 1), True),  # a point
        (box(0.2, 0.2, 0.2, 0.2), False),
    ],
)
def test_a_rotated_footprint_meets_a_box_by_its_outline(other, expected):
    assert meets(DIAMOND, other) is expected


@pytest.mark.parametrize(
    ("footprint", "other", "expected"),
    [
        (box(0, 0, 1, 1), box(1, 1, 2, 2), True),
        (box(0, 0, 1, 1), box(1.1, 0, 2, 1), False),
        (box(0, 0, 1, 1), box(0, 1.1, 1, 2), False),
        (box(170, 0, -170, 1), box(175, 0, 176, 1), True),
        (box(170, 0, -170, 1), box(-176, 0, -175, 1), True),
        (box(170, 0, -170, 1), box(-160, 0, 160, 1), False),
        (box(175, 0, 176, 1), box(170, 0, -170, 1), True),
        (box(-176, 0, -175, 1), box(170, 0, -170, 1), True),
        (box(170, 0, -170, 1), box(175, 0, -175, 1), True),
        (box(179, 0, 180, 1), box(-180, 0, -179, 1), True),  # the same meridian by two names
        (box(-180, -90, 180, 90), box(179, 0, -179, 1), True),
    ],
)
def test_boxes_meet_across_the_dateline(footprint, other, expected):
    assert meets(footprint, other) is expected


def test_a_rotated_footprint_across_the_dateline_meets_boxes_on_both_sides():
    ring = ((179, 10), (180, 11), (181, 10), (180, 9), (179, 10))
    footprint = Footprint(west=179, south=9, east=-179, north=11, polygon=ring)

    assert meets(footprint, box(179.2, 9.9, 179.3, 10.1))
    assert meets(footprint, box(-179.3, 9.9, -179.2, 10.1))
    assert meets(footprint, box(179.9, 9.9, -179.9, 10.1))
    assert not meets(footprint, box(179, 9, 179.3, 9.3))
    assert not meets(footprint, box(-179.3, 9, -179, 9.3))


@settings(deadline=None)
@given(
    centre=st.tuples(st.floats(-180, 180), st.floats(-60, 60)),
    radius=st.floats(0.5, 20),
    corners=st.lists(st.integers(0, 359), min_size=3, max_size=8, unique=True),
    west=st.floats(-180, 180),
    south=st.floats(-80, 70),
    width=st.floats(0, 60),
    height=st.floats(0, 10),
)
def test_meeting_agrees_with_the_separating_axis_theorem(centre, radius, corners, west, south, width, height):
    angles = np.radians(sorted(corners))
    ring = np.column_stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)])
    ring[:, 0] -= 360 * math.floor((ring[:, 0].min() + 180) / 360)
    low, high = ring.min(axis=0), ring.max(axis=0)
    footprint = Footprint(
        west=low[0],
        south=low[1],
        east=high[0] if high[0] <= 180 else high[0] - 360,
        north=high[1],
        polygon=tuple((float(x), float(y)) for x, y in (*ring, ring[0])),
    )
    east = west + width
    other = box(west, south, east if east <= 180 else east - 360, south + height)

    gap = min(
        separation(ring, np.array([(x + turn, y) for x in (west, east) for y in (south, south + height)]))
        for turn in (-360, 0, 360)
    )

    assume(abs(gap) > 1e-9)  # where they just touch, rounding decides
    assert meets(footprint, other) is bool(gap < 0)


def separation(ring, corners):
    """The widest gap between two convex shapes along any side's normal; negative where they overlap. Two convex
    shapes are apart exactly where one of these axes separates them."""
    sides = np.diff(ring, axis=0, append=ring[:1])
    normals = np.column_stack([sides[:, 1], -sides[:, 0]]) / np.hypot(*sides.T)[:, None]
    axes = np.vstack([normals, np.eye(2)])
    ours, theirs = ring @ axes.T, corners @ axes.T
    return np.maximum(theirs.min(axis=0) - ours.max(axis=0), ours.min(axis=0) - theirs.max(axis=0)).max()
