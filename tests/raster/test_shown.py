"""One-band scenes: radar in decibels, temperatures and elevations, and what is told of their greys."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

from trsllava.errors import InputError
from trsllava.raster.radar import decibels, is_linear_backscatter
from trsllava.raster.scene import check_recipe, inspect, read_rgb
from trsllava.raster.silence import without_warnings
from trsllava.raster.stretch import to_8bit
from trsllava.records import Recipe

SIDE = 64


def shown(path, recipe=None):
    info = inspect(path, recipe or Recipe())
    return info, read_rgb(path, info.window, info.rendering)[..., 0].astype(int)


@pytest.fixture
def backscatter():
    """From -25 to 0 dB, evenly from left to right."""
    return np.broadcast_to(np.linspace(-25, 0, SIDE), (1, SIDE, SIDE))


@pytest.mark.parametrize(
    ("name", "band"),
    [
        ("s1a-iw-grd-vv-20230630t055912.tiff", ""),
        ("scene_VH.tif", ""),
        ("scene.tif", "Sigma0_VV"),
        ("scene.tif", "HH"),
    ],
)
@pytest.mark.parametrize("amplitude", [False, True])
def test_radar_is_shown_evenly_in_decibels(write_tiff, backscatter, name, band, amplitude):
    """Linearly, three quarters of these greys would be all but black."""
    if amplitude:
        samples = np.round(10_000 * 10 ** (backscatter / 20)).astype(np.uint16)
    else:
        samples = (10 ** (backscatter / 10)).astype(np.float32)
    info, picture = shown(write_tiff(samples, name=name, names=[band] if band else []))

    assert info.rendering.stretch.startswith("db:")
    np.testing.assert_allclose(picture[0], np.clip(np.linspace(-5.3, 260.3, SIDE), 0, 255), atol=3)


def test_the_decibels_that_are_black_and_white_are_told(write_tiff, backscatter):
    info, _ = shown(write_tiff((10 ** (backscatter / 10)).astype(np.float32), names=["VV"]))
    assert info.properties == {"shown": "VV, -24.6 to -0.3968 dB"}


def test_what_is_in_decibels_already_is_not_taken_twice(write_tiff, backscatter):
    for name in ("scene_VV.tif", "scene_VV_dB.tif"):
        info, picture = shown(write_tiff(backscatter.astype(np.float32), name=name))
        assert info.rendering.stretch.startswith("range:-24.")
        np.testing.assert_allclose(picture[0], np.clip(np.linspace(-5.3, 260.3, SIDE), 0, 255), atol=3)


def test_where_the_radar_saw_nothing_is_black_and_counts_for_no_stretch(write_tiff, backscatter):
    samples = (10 ** (backscatter / 10)).astype(np.float32)
    whole, _ = shown(write_tiff(samples, name="whole_vv.tif"))
    samples = np.concatenate([np.zeros_like(samples), samples], axis=1)
    half, picture = shown(write_tiff(samples, name="half_vv.tif"))

    assert half.rendering == whole.rendering
    assert (picture[:SIDE] == 0).all()


@pytest.mark.parametrize(
    ("name", "bands", "dtype", "radar"),
    [
        ("s1a-iw-grd-vv-2023.tiff", [""], "uint16", True),
        ("harbor.tif", ["Amplitude_VH"], "float32", True),
        ("harbor.tif", ["red"], "uint16", False),
        ("savvy.tif", [""], "uint16", False),
        ("s1_vv.tif", [""], "uint8", False),
        ("s1_vv_db.tif", [""], "float32", False),
        ("scene.tif", ["VV_dB"], "float32", False),
    ],
)
def test_radar_is_known_by_its_polarisation(name, bands, dtype, radar):
    assert is_linear_backscatter(name, bands, dtype) is radar


@given(st.floats(1e-6, 1e4))
def test_power_and_amplitude_of_the_same_echo_have_the_same_decibels(power):
    amplitude = np.array([max(1, round(power**0.5 * 1e6))])
    assert decibels(np.array([float(amplitude[0]) ** 2]))[0] == pytest.approx(decibels(amplitude)[0])


def test_decibels_of_the_users_choice(write_tiff, backscatter):
    samples = (10 ** (backscatter / 10)).astype(np.float32)
    info, picture = shown(write_tiff(samples), Recipe(stretch="db:-20,-5"))

    assert info.rendering.stretch == "db:-20,-5"
    at = np.linspace(-25, 0, SIDE)
    np.testing.assert_allclose(picture[0], np.clip((at + 20) * 17, 0, 255), atol=1)


@pytest.mark.parametrize("stretch", ["db", "db:-25,0", "db:-25.5,-3"])
def test_stretches_in_decibels_are_known(stretch):
    check_recipe(Recipe(stretch=stretch))


@pytest.mark.parametrize("stretch", ["db:0,-25", "db:", "db:1", "decibel"])
def test_other_words_are_not(stretch):
    with pytest.raises(InputError, match=r"for radar db or db:-25,0"):
        check_recipe(Recipe(stretch=stretch))


def test_to_8bit_takes_decibels():
    levels = to_8bit(np.array([[[0.0, 0.01, 0.1, 1.0]]], np.float32), "db:-20,0")
    np.testing.assert_array_equal(levels[0, 0], [0, 0, 128, 255])


def test_elevations_are_told_with_their_unit_and_voids_are_no_data(write_tiff):
    samples = np.broadcast_to(np.linspace(0, 1_000, SIDE).astype(np.int16), (1, SIDE, SIDE)).copy()
    samples[:, :20] = -32_768
    path = write_tiff(samples, name="srtm_dem.tif")
    with without_warnings(), rasterio.open(path, "r+") as dataset:
        dataset.units = ("m",)
    info, picture = shown(path)

    assert info.rendering.stretch == "range:15,984"
    assert info.properties == {"shown": "elevation, 15 to 984 m"}
    assert (picture[:20] == 0).all()
    assert picture[40, -1] == 255


def test_temperatures_are_told_in_kelvin_by_scale_and_offset(write_tiff):
    samples = np.broadcast_to(np.linspace(40_000, 50_000, SIDE).astype(np.uint16), (1, SIDE, SIDE))
    path = write_tiff(samples, name="LC09_ST_B10.TIF")
    with without_warnings(), rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets, dataset.units = (0.00341802,), (149.0,), ("K",)
    info, _ = shown(path)

    assert info.properties == {"shown": "temperature, 286.3 to 319.4 K"}


@pytest.mark.parametrize(("bands", "dtype"), [(3, np.uint16), (1, np.uint8)])
def test_colours_and_plain_greys_need_no_word(write_tiff, noise, bands, dtype):
    info = inspect(write_tiff(noise(bands, SIDE, SIDE).astype(dtype)))
    assert info.properties == {}
