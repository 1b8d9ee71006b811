"""Tiles: they cover their scene, lie where rasterio says, and are left out exactly where data are missing."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import xy
from rasterio.warp import transform as warp

from trsllava.errors import InputError
from trsllava.raster.scene import check_recipe, inspect, read_rgb
from trsllava.raster.silence import without_warnings
from trsllava.raster.tiling import cut
from trsllava.records import Recipe

DTYPES = ("uint8", "uint16", "int16", "uint32", "float32", "float64")
SYSTEMS = {
    4326: (7.0, 48.0, 1e-5),
    32631: (500_000.0, 5_300_000.0, 10.0),
    3857: (2e6, 6e6, 4.0),
    3413: (5e5, -1e6, 30.0),
}


@st.composite
def recipes(draw):
    tile = draw(st.sampled_from([None, 0, 8, 13, 32, 50]))
    return Recipe(tile=tile, overlap=draw(st.integers(0, 7)) if tile else None, nodata_limit=draw(st.floats(0, 1)))


@given(width=st.integers(1, 3000), height=st.integers(1, 3000), recipe=recipes())
@settings(deadline=None)
def test_tiles_cover_every_pixel_and_stay_within_the_scene(width, height, recipe):
    tiles = cut(width, height, recipe)

    for begin, extent, length in ((0, 2, width), (1, 3, height)):
        reached = 0
        for start, size in sorted({(tile[begin], tile[extent]) for tile in tiles}):
            assert 0 <= start <= reached  # no gap to the tiles before
            reached = start + size
        assert reached == length
    columns, rows = {tile.col for tile in tiles}, {tile.row for tile in tiles}
    assert len(tiles) == len(set(tiles)) == len(columns) * len(rows)  # and all pairs of a column and a row are there


@settings(deadline=None)
@given(side=st.integers(16, 600), overlap=st.integers(0, 15), length=st.integers(1, 2000))
def test_all_tiles_of_a_scene_are_of_one_size_and_overlap_by_what_is_asked_at_least(side, overlap, length):
    tiles = cut(length, length, Recipe(tile=side, overlap=overlap))

    assert {(tile.width, tile.height) for tile in tiles} == {(min(side, length),) * 2}
    columns = sorted({tile.col for tile in tiles})
    assert all(left + side - right >= overlap for left, right in pairwise(columns))


@pytest.mark.parametrize(("longest", "count"), [(1024, 1), (1025, 9), (500, 1)])
def test_scenes_of_more_than_1024_pixels_are_cut_to_512_unless_told_otherwise(longest, count):
    assert len(cut(longest, longest, Recipe())) == count
    assert len(cut(longest, longest, Recipe(tile=0))) == 1


def test_neighbours_share_an_eighth_unless_told_otherwise():
    assert [tile.col for tile in cut(1408, 1, Recipe())] == [0, 448, 896]
    assert [tile.col for tile in cut(176, 1, Recipe(tile=64))] == [0, 56, 112]


@pytest.mark.parametrize("recipe", [Recipe(tile=64, overlap=64), Recipe(overlap=512)])
def test_an_overlap_as_large_as_a_tile_is_refused(recipe):
    with pytest.raises(InputError, match="no smaller than the tile"):
        check_recipe(recipe)


@settings(deadline=None, max_examples=120)
@given(
    dtype=st.sampled_from(DTYPES),
    bands=st.integers(1, 5),
    nodata=st.sampled_from([None, 0, 7, "nan"]),
    epsg=st.sampled_from(list(SYSTEMS)),
    turn=st.sampled_from([0.0, 12.5, 90.0, 180.0, -135.0]),
    recipe=recipes(),
    shape=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    tiled=st.booleans(),
    seed=st.integers(0, 99),
)
def test_a_scenes_tiles(tmp_path_factory, dtype, bands, nodata, epsg, turn, recipe, shape, tiled, seed):
    if nodata == "nan":
        nodata = math.nan if dtype.startswith("float") else None
    random = np.random.default_rng(seed)
    samples = random.integers(1, 200, (bands, *shape)).astype(dtype)
    samples[samples == 7] = 8
    hole = np.zeros(shape, bool)
    hole[: random.integers(0, shape[0] + 1), random.integers(0, shape[1]) :] = nodata is not None
    samples[:, hole] = 0 if nodata is None else nodata
    easting, northing, pixel = SYSTEMS[epsg]
    place = Affine.translation(easting, northing) @ Affine.rotation(turn) @ Affine.scale(pixel, -pixel)
    path = tmp_path_factory.getbasetemp() / "tiles.tif"
    options = {"tiled": True, "blockxsize": 16, "blockysize": 32} if tiled else {}
    profile = {"count": bands, "dtype": dtype, "height": shape[0], "width": shape[1], "nodata": nodata, **options}
    with rasterio.open(path, "w", driver="GTiff", crs=f"EPSG:{epsg}", transform=place, alpha="no", **profile) as file:
        file.write(samples)

    scene = inspect(path, recipe)

    every = cut(shape[1], shape[0], recipe)
    shares = [share_without_sight(samples[:3] if bands >= 3 else samples[:1], hole, t, len(every)) for t in every]
    expected = [tile for tile, share in zip(every, shares, strict=True) if share <= recipe.nodata_limit]
    assert [tile.window for tile in scene.tiles] == expected
    assert scene.skipped == len(every) - len(expected)
    for tile in scene.tiles[:: max(1, len(scene.tiles) // 4)]:
        pixels = read_rgb(path, tile.window, scene.rendering)
        assert pixels.shape == (tile.window.height, tile.window.width, 3)
        assert not pixels[hole[tile.window.row :, tile.window.col :][: tile.window.height, : tile.window.width]].any()
        assert_lies_where_rasterio_says(path, tile)


def share_without_sight(samples, hole, tile, tiles):
    """Of a tile's pixels those without data, or all where the others have one value (and, of an only tile, zero)."""
    place = np.s_[tile.row : tile.row + tile.height, tile.col : tile.col + tile.width]
    values = [set(band[place][~hole[place]].tolist()) for band in samples]
    flat = all(len(value) < 2 for value in values) and (tiles > 1 or all(value <= {0} for value in values))
    return 1.0 if flat else hole[place].mean()


def assert_lies_where_rasterio_says(path, tile):
    """The tile's corners, as its footprint has them, against rasterio's own way from pixel to place."""
    with rasterio.open(path) as file:
        col, row, width, height = tile.window
        corners = [(row, col), (row, col + width), (row + height, col + width), (row + height, col)]
        places = [xy(file.transform, *corner, offset="ul") for corner in corners]
        longitudes, latitudes = warp(file.crs, "EPSG:4326", *zip(*places, strict=True))
    footprint = tile.footprint
    box = (footprint.west, footprint.south, footprint.unwrapped_east, footprint.north)
    if footprint.polygon is None:
        # an outline that fills its box to 99 % is kept as the box, which then holds all corners
        assert min(longitudes) >= box[0] - 1e-6
        assert max(longitudes) <= box[2] + 1e-6
        assert min(latitudes) >= box[1] - 1e-6
        assert max(latitudes) <= box[3] + 1e-6
        return
    ring = np.array(footprint.polygon)
    for corner in zip(longitudes, latitudes, strict=True):
        assert np.abs(ring - corner).max(axis=1).min() < 1e-6


@settings(deadline=None, max_examples=60)
@given(
    epsg=st.sampled_from([4326, 32601, 32660]),
    turn=st.sampled_from([0.0, 30.0]),
    col=st.integers(0, 399),
    row=st.integers(0, 399),
)
def test_a_pixel_has_the_same_place_through_its_tile_as_through_its_scene(tmp_path_factory, epsg, turn, col, row):
    """The dateline runs through these scenes: a pixel's own footprint, as a tile of one pixel, is the measure."""
    from rasterio.crs import CRS

    from trsllava.raster.footprint import footprint_of
    from trsllava.records import Window

    easting, northing, pixel = {
        4326: (179.99, 10.0, 1e-4),
        32601: (250_000.0, 7_300_000.0, 10.0),
        32660: (750_000.0, 7_300_000.0, 10.0),
    }[epsg]
    place = Affine.translation(easting, northing) @ Affine.rotation(turn) @ Affine.scale(pixel, -pixel)
    tile = next(t for t in cut(400, 400, Recipe(tile=64)) if t.col <= col < t.col + 64 and t.row <= row < t.row + 64)

    footprint = footprint_of(place, CRS.from_epsg(epsg), Window(col, row, 1, 1))

    # from the tile: its own origin, then the offset within it
    origin = place @ (tile.col, tile.row)
    within = Affine(place.a, place.b, origin[0], place.d, place.e, origin[1])
    corners = [within @ (col - tile.col + i, row - tile.row + j) for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))]
    longitudes, latitudes = warp(f"EPSG:{epsg}", "EPSG:4326", *zip(*corners, strict=True))
    unwrapped = np.unwrap(longitudes, period=360)
    unwrapped -= 360 * math.floor((unwrapped.min() + 180) / 360)
    assert footprint.west == pytest.approx(unwrapped.min(), abs=1e-6)
    assert footprint.unwrapped_east == pytest.approx(unwrapped.max(), abs=1e-6)
    assert (footprint.south, footprint.north) == pytest.approx((min(latitudes), max(latitudes)), abs=1e-6)


def test_an_internal_mask_and_an_alpha_band_leave_tiles_out_as_nodata_does(tmp_path):
    for name, kind in (("mask.tif", "mask"), ("alpha.tif", "alpha"), ("alpha.png", "png")):
        seen = np.zeros((40, 40), np.uint8)
        seen[:, 20:] = 255
        colours = np.broadcast_to(90 + np.arange(40, dtype=np.uint8), (3, 40, 40))
        path = tmp_path / name
        if kind == "png":
            from PIL import Image

            Image.fromarray(np.moveaxis(np.concatenate([colours, seen[None]]), 0, -1)).save(path)
        else:
            profile = {"height": 40, "width": 40, "count": 3 + (kind == "alpha"), "dtype": "uint8"}
            environment = rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True)
            with environment, without_warnings(), rasterio.open(path, "w", driver="GTiff", **profile) as file:
                file.write(colours, [1, 2, 3])
                if kind == "alpha":
                    file.write(seen, 4)
                    file.colorinterp = [*file.colorinterp[:3], rasterio.enums.ColorInterp.alpha]
                else:
                    file.write_mask(seen)

        scene = inspect(path, Recipe(tile=20, overlap=0))

        assert [tile.window.col for tile in scene.tiles] == [20, 20], name
        assert scene.skipped == 2, name
        assert (read_rgb(path, scene.window, scene.rendering)[:, 20:, 0] == colours[0, :, 20:]).all(), name
        assert not read_rgb(path, scene.window, scene.rendering)[:, :20].any(), name
