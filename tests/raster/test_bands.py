"""Which bands are shown: by number, by sensor, by what they are called."""

from __future__ import annotations

import numpy as np
import pytest

from trsllava.errors import ImageError, InputError
from trsllava.raster.scene import check_recipe, inspect, read_rgb
from trsllava.records import Recipe

SENTINEL2 = ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12"]
LANDSAT = [f"SR_B{number}" for number in range(1, 8)]


@pytest.fixture
def scene(write_tiff):
    """A scene whose band n holds the value n everywhere, its bands named."""

    def write(count, names=()):
        samples = np.arange(1, count + 1, dtype=np.uint8)[:, None, None].repeat(4, axis=1).repeat(4, axis=2)
        return write_tiff(samples, names=names, photometric="minisblack", alpha="no")

    return write


def shown(path, bands="auto"):
    info = inspect(path, Recipe(bands=bands))
    return read_rgb(path, info.window, info.rendering)[0, 0].tolist()


@pytest.mark.parametrize(
    ("sensor", "count", "bands"),
    [
        ("sentinel2", 13, [4, 3, 2]),
        ("sentinel2", 12, [4, 3, 2]),
        ("sentinel2", 10, [3, 2, 1]),
        ("sentinel2", 4, [3, 2, 1]),
        ("landsat8", 7, [4, 3, 2]),
        ("landsat9", 11, [4, 3, 2]),
        ("naip", 4, [1, 2, 3]),
        ("planetscope", 4, [3, 2, 1]),
        ("planetscope", 8, [6, 4, 2]),
    ],
)
def test_a_sensors_true_colour_is_known_by_the_number_of_bands(scene, sensor, count, bands):
    assert shown(scene(count), sensor) == bands


@pytest.mark.parametrize(
    ("names", "bands"),
    [
        (SENTINEL2, [4, 3, 2]),
        (SENTINEL2[::-1], [9, 10, 11]),
        (["B2", "B3", "B4", "B8"], [3, 2, 1]),
        (["B4, central wavelength 665 nm", "B3, 560 nm", "B2, 490 nm", "B8, 842 nm"], [1, 2, 3]),
        (LANDSAT, [4, 3, 2]),
        (["blue", "green", "red", "nir"], [3, 2, 1]),
        (["coastal_blue", "blue", "green_i", "green", "yellow", "red", "rededge", "nir"], [6, 4, 2]),
        (["SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B7"], [1, 2, 3]),  # Landsat 7: its B4 is not red
        (["B1", "B2", "B3", "B4", "B5", "B6", "B7"], [1, 2, 3]),  # Landsat 5: its B6 is thermal
        (["SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5", "ST_B6", "SR_B7"], [1, 2, 3]),
        (["", "red", "green", "blue"], [2, 3, 4]),
        (["height", "slope", "aspect", "shade"], [1, 2, 3]),
    ],
)
def test_bands_are_recognised_by_their_names(scene, names, bands):
    assert shown(scene(len(names), names)) == bands


def test_names_go_before_numbers_of_bands(scene):
    assert shown(scene(4, ["B08", "B04", "B03", "B02"]), "sentinel2") == [2, 3, 4]


def test_names_go_before_the_order_of_a_picture_of_three_bands(scene):
    assert shown(scene(3, ["B02", "B03", "B04"]), "sentinel2") == [3, 2, 1]


@pytest.mark.parametrize("infrared", [0, 200])
def test_near_infrared_that_is_marked_as_alpha_dims_nothing_where_a_sensor_is_named(write_tiff, infrared):
    samples = np.full((4, 4, 4), 100, np.uint8)
    samples[3] = infrared
    assert shown(write_tiff(samples), "naip") == [100, 100, 100]


def test_a_true_colour_picture_among_a_sensors_scenes_is_shown_as_it_is(scene):
    assert shown(scene(3), "sentinel2") == [1, 2, 3]


def test_one_number_is_shown_grey(scene):
    assert shown(scene(5), "4") == [4, 4, 4]


def test_bands_a_file_has_not_are_refused_with_their_number(scene):
    with pytest.raises(ImageError, match="it has 3 bands, and `bands` 4,3,2"):
        shown(scene(3), "4,3,2")


def test_a_file_that_is_not_the_sensors_is_refused(scene):
    with pytest.raises(ImageError, match="its 5 bands are not naip's; choose them by number"):
        shown(scene(5), "naip")


@pytest.mark.parametrize("wish", ["sentinel", "1,2", "1;2;3", "", "rgb"])
def test_bands_that_are_not_understood_are_refused_with_the_choices(wish):
    with pytest.raises(InputError, match="sentinel2, landsat8, landsat9, naip, planetscope"):
        check_recipe(Recipe(bands=wish))
