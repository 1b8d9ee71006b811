"""Tiles around points, and their pictures."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.warp
from affine import Affine
from numpy.typing import NDArray
from PIL import Image

from indexer.sampling.cutting import Cut, Cutting, cut_pictures, each_cut, locate
from indexer.sampling.sample import SamplePoint
from indexer.sampling.tiles import square_around
from tests.indexer.sampling.world import World, write_raster
from trsllava.raster.scene import read_rgb
from trsllava.records import Rendering, Window


def point(longitude: float, latitude: float, id: str = "p") -> SamplePoint:
    return SamplePoint(id, longitude, latitude, {})


def cut(points: list[SamplePoint], images: Path, folder: Path, metres: float = 400) -> list[Cut]:
    return list(cut_pictures(points, locate(images), folder, Cutting(metres)).cuts.values())


def pixels_of(found: Cut) -> NDArray[np.uint8]:
    with Image.open(found.picture) as picture:
        return np.asarray(picture)


@pytest.mark.parametrize("latitude", [0.0, 50.0, -70.0])
def test_a_square_has_its_metres_on_both_sides(latitude: float) -> None:
    box = square_around(point(10, latitude), 1000)
    degree = 6371.0088 * math.pi / 180

    assert (box.north - box.south) * degree == pytest.approx(1)
    assert (box.east - box.west) * degree * math.cos(math.radians(latitude)) == pytest.approx(1, rel=1e-3)


def test_squares_at_the_ends_of_the_earth() -> None:
    across = square_around(point(179.999, 0), 1000)
    assert across.west > across.east
    pole = square_around(point(0, 90), 1000)
    assert (pole.west, pole.east, pole.north) == (-180, 180, 90)


def test_a_picture_shows_the_window_around_its_point(world: World, tmp_path: Path) -> None:
    (found,) = cut([point(10.1, 49.9)], world.images, tmp_path)

    assert found.picture == tmp_path / "p.png"
    assert (found.window.width, found.window.height) == (10, 10)  # 400 metres at 40 metres a pixel
    pixels = pixels_of(found)
    np.testing.assert_array_equal(pixels, read_rgb(found.source, found.window, Rendering(bands=(1, 2, 3))))
    with rasterio.open(found.source) as scene:
        (x,), (y,) = rasterio.warp.transform("EPSG:4326", scene.crs, [10.1], [49.9])
        row, col = scene.index(x, y)
    assert abs(found.window.col + 5 - col) <= 1
    assert abs(found.window.row + 5 - row) <= 1
    assert found.footprint.west < 10.1 < found.footprint.east
    assert found.acquired is not None
    assert found.acquired.year == 2024


def test_points_that_no_scene_wholly_shows_have_no_picture(world: World, tmp_path: Path) -> None:
    edge = rasterio.warp.transform("EPSG:32632", "EPSG:4326", [571_100], [5_530_000])
    points = [point(50, 0, "elsewhere"), point(edge[0][0], edge[1][0], "edge"), point(10.1, 49.9, "inside")]

    assert [one.point.id for one in cut(points, world.images, tmp_path)] == ["inside"]


def test_a_scene_in_mercator_is_cut_by_metres_on_the_ground(tmp_path: Path) -> None:
    (x,), (y,) = rasterio.warp.transform("EPSG:4326", "EPSG:3857", [10.0], [60.0])
    pixels = np.random.default_rng(0).integers(0, 255, (3, 200, 200), np.uint8)
    write_raster(tmp_path / "m.tif", pixels, Affine(20, 0, x - 2000, 0, -20, y + 2000), crs="EPSG:3857")
    (found,) = cut([point(10.0, 60.0)], tmp_path / "m.tif", tmp_path, metres=500)

    assert found.window == Window(75, 75, 50, 50)  # 20 metres on the map are 10 at 60 degrees north


def test_sixteen_bits_are_stretched_as_the_whole_scene_is(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(1000, 3000, (1, 100, 100)).astype(np.uint16)
    write_raster(tmp_path / "s.tif", samples, Affine(0.001, 0, 10, 0, -0.001, 50))
    (found,) = cut([point(10.05, 49.95)], tmp_path, tmp_path, metres=2000)

    pixels = pixels_of(found)
    assert pixels.min() < 20
    assert pixels.max() > 235


def test_empty_corners_are_passed_over(tmp_path: Path) -> None:
    samples = np.zeros((1, 100, 100), np.uint8)
    samples[0, :, 50:] = np.random.default_rng(0).integers(1, 255, (100, 50))
    write_raster(tmp_path / "s.tif", samples, Affine(0.001, 0, 10, 0, -0.001, 50), nodata=0)
    points = [point(10.02, 49.95, "empty"), point(10.08, 49.95, "full")]

    assert [one.point.id for one in cut(points, tmp_path, tmp_path, metres=1000)] == ["full"]


def test_the_next_scene_stands_in_for_one_without_data_or_with_damage(tmp_path: Path) -> None:
    at = Affine(0.001, 0, 10, 0, -0.001, 50)
    write_raster(tmp_path / "1_empty.tif", np.zeros((1, 100, 100), np.uint8), at, nodata=0)
    samples = np.random.default_rng(0).integers(1, 255, (1, 100, 100)).astype(np.uint8)
    damaged = write_raster(tmp_path / "2_damaged.tif", samples, at)
    damaged.write_bytes(damaged.read_bytes()[:5000])
    write_raster(tmp_path / "3_whole.tif", samples, at)
    found = cut_pictures([point(10.05, 49.95)], locate(tmp_path), tmp_path, Cutting(500))

    assert found.cuts["p"].source.name == "3_whole.tif"
    assert len(found.unreadable) == 1
    assert "2_damaged.tif" in found.unreadable[0]


def test_another_scene_stands_in_for_one_that_goes_away_meanwhile(tmp_path: Path) -> None:
    at = Affine(0.001, 0, 10, 0, -0.001, 50)
    samples = np.random.default_rng(0).integers(1, 255, (1, 100, 100)).astype(np.uint8)
    gone, stays = (write_raster(tmp_path / name, samples, at) for name in ("1_gone.tif", "2_stays.tif"))
    cuts = each_cut([point(10.03, 49.95, "a"), point(10.06, 49.95, "b")], locate(tmp_path), tmp_path, Cutting(500))
    first = next(cuts)
    gone.unlink()
    told, second = cuts

    assert isinstance(first, Cut)
    assert isinstance(second, Cut)
    assert (first.source, second.source) == (gone, stays)
    assert "1_gone.tif" in str(told)


def test_pictures_without_a_place_are_no_scenes(world: World, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.tif")
    (tmp_path / "broken.tif").write_bytes(b"II*\0broken")

    assert locate(tmp_path) == {}
    assert len(locate(world.images)) == 1
