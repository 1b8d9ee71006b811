"""When a scene was acquired: the STAC item beside it, its tags, its name, in this order."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from trsllava.raster.scene import inspect
from trsllava.raster.times import time_in_name


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("S2A_MSIL2A_20240517T103105_N0510_R108_T32TQM_20240517T153000.tif", datetime(2024, 5, 17, 10, 31, 5)),
        ("LC08_L2SP_199024_20240517_20240521_02_T1_SR.tif", datetime(2024, 5, 17)),
        ("20240517_103105_12_2456_3B_AnalyticMS.tif", datetime(2024, 5, 17, 10, 31, 5)),
        ("m_3607501_ne_18_060_20220712.tif", datetime(2022, 7, 12)),
        ("harbor_2024-05-17.png", datetime(2024, 5, 17)),
        ("scene_2024-05-17T10-31-05Z.tif", datetime(2024, 5, 17, 10, 31, 5)),
        ("IMG_20240517_290112.tif", datetime(2024, 5, 17)),
        ("20240230.tif", None),
        ("airport_123.jpg", None),
        ("tile_12345678.png", None),
        ("id_202405171.png", None),
        ("18500101.png", None),
    ],
)
def test_a_date_in_a_name_is_found(name, time):
    assert time_in_name(name) == (time.replace(tzinfo=UTC) if time else None)


def item(**properties):
    return json.dumps({"type": "Feature", "stac_version": "1.0.0", "properties": properties})


def test_the_item_beside_a_scene_goes_before_its_tags_and_these_before_its_name(write_tiff, noise):
    path = write_tiff(noise(1, 4, 4), tags={"TIFFTAG_DATETIME": "2021:01:01 00:00:00"}, name="scene_20200101.tif")
    assert inspect(path).acquired == datetime(2021, 1, 1, tzinfo=UTC)

    path.with_suffix(".json").write_text(item(datetime="2022-01-01T12:00:00Z"))
    assert inspect(path).acquired == datetime(2022, 1, 1, 12, tzinfo=UTC)


def test_without_tags_the_name_tells(write_tiff, noise):
    assert inspect(write_tiff(noise(1, 4, 4), name="scene_20200101.tif")).acquired == datetime(2020, 1, 1, tzinfo=UTC)


def test_an_item_over_a_span_of_time_gives_its_start(write_tiff, noise):
    path = write_tiff(noise(1, 4, 4))
    path.with_name("scene.tif.json").write_text(
        item(datetime=None, start_datetime="2022-01-01T00:00:00Z", end_datetime="2022-02-01T00:00:00Z")
    )

    assert inspect(path).acquired == datetime(2022, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "content", ["", "no JSON", "[]", "{}", '{"type": "Feature", "properties": [1]}', item(datetime=7), "[" * 100_000]
)
def test_what_is_no_item_is_passed_over(write_tiff, noise, content):
    path = write_tiff(noise(1, 4, 4))
    path.with_suffix(".json").write_text(content)

    assert inspect(path).acquired is None
