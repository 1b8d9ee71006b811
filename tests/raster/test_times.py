"""When a scene was acquired: the STAC item beside it, its tags, its name, in this order."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.raster.scene import inspect
from trsllava.raster.times import parse_span, time_in_name


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


def acquired(path):
    info = inspect(path)
    return info.acquired, info.acquired_end


def test_an_item_over_a_span_of_time_gives_its_start_and_its_end(write_tiff, noise):
    path = write_tiff(noise(1, 4, 4))
    span = {"start_datetime": "2022-01-01T00:00:00Z", "end_datetime": "2022-02-01T00:00:00Z"}
    whole = (datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 2, 1, tzinfo=UTC))

    for nominal in (None, "2022-01-15T00:00:00Z"):
        path.with_name("scene.tif.json").write_text(item(datetime=nominal, **span))
        assert acquired(path) == whole


@pytest.mark.parametrize(
    ("properties", "start"),
    [
        ({"datetime": "2014-06-01t00:00:00z"}, datetime(2014, 6, 1)),
        ({"datetime": "2014-06-01T07:07:07.1234567Z"}, datetime(2014, 6, 1, 7, 7, 7, 123456)),
        ({"datetime": "2014-06-01 07:07:07+02:00"}, datetime(2014, 6, 1, 5, 7, 7)),
        ({"datetime": None, "start_datetime": "2014-06-01T00:00:00Z"}, datetime(2014, 6, 1)),
        ({"start_datetime": "2014-06-02T00:00:00Z", "end_datetime": "2014-06-01T00:00:00Z"}, datetime(2014, 6, 2)),
    ],
)
def test_an_instant_has_no_end(write_tiff, noise, properties, start):
    path = write_tiff(noise(1, 4, 4))
    path.with_suffix(".json").write_text(item(**properties))

    assert acquired(path) == (start.replace(tzinfo=UTC), None)


def test_a_time_in_an_item_that_is_not_understood_is_told(write_tiff, noise, caplog):
    path = write_tiff(noise(1, 4, 4), name="scene_20200101.tif")
    path.with_suffix(".json").write_text(item(datetime="last spring"))

    assert acquired(path) == (datetime(2020, 1, 1, tzinfo=UTC), None)
    assert "'last spring' is not a time" in caplog.text


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2019", at(2019, 1, 1), at(2020, 1, 1)),
        ("2019-02", at(2019, 2, 1), at(2019, 3, 1)),
        ("2019-12-31", at(2019, 12, 31), at(2020, 1, 1)),
        ("20191231", at(2019, 12, 31), at(2020, 1, 1)),
        ("2019-W10", at(2019, 3, 4), at(2019, 3, 11)),
        ("2019w10", at(2019, 3, 4), at(2019, 3, 11)),
        ("2020-W53", at(2020, 12, 28), at(2021, 1, 4)),
        ("2019-W10-7", at(2019, 3, 10), at(2019, 3, 11)),
        ("2020-366", at(2020, 12, 31), at(2021, 1, 1)),
        ("2019-06-30T07", at(2019, 6, 30, 7), at(2019, 6, 30, 8)),
        ("2019-06-30T07:07", at(2019, 6, 30, 7, 7), at(2019, 6, 30, 7, 8)),
        ("2019-06-30t07:07:07z", at(2019, 6, 30, 7, 7, 7), at(2019, 6, 30, 7, 7, 8)),
        ("2019-06-30T07:07:07.1Z", at(2019, 6, 30, 7, 7, 7, 100000), at(2019, 6, 30, 7, 7, 7, 200000)),
        ("20190630T070707Z", at(2019, 6, 30, 7, 7, 7), at(2019, 6, 30, 7, 7, 8)),
        ("2019-06-30T07:07-00:30", at(2019, 6, 30, 7, 37), at(2019, 6, 30, 7, 38)),
        ("2019-06-30T07:07+0230", at(2019, 6, 30, 4, 37), at(2019, 6, 30, 4, 38)),
        ("2016-12-31T23:59:60Z", at(2016, 12, 31, 23, 59, 59), at(2017, 1, 1)),
        ("2019-06-30T24:00:00Z", at(2019, 7, 1), at(2019, 7, 1, 0, 0, 1)),
    ],
)
def test_a_time_is_all_of_it_as_far_as_it_is_written(text, start, end):
    assert parse_span(text) == (start, end - timedelta(microseconds=1))


@pytest.mark.parametrize(
    "text",
    ["", "now", "2019-13", "2019-02-30", "2019-W54", "2019-W00", "2019-366", "2019T07", "2019-06T07",
     "2019-06-30T25", "2019-06-30T24:01", "2019-06-30T07:60", "2019-06-30T07:07+99:00",
     "9999-12-31T24:00", "0000", "٢٠١٩", "2019-W10-8"],
)  # fmt: skip
def test_what_is_no_time_has_no_span(text):
    assert parse_span(text) is None


@given(st.datetimes(datetime(1, 1, 2), datetime(9998, 12, 30)), st.booleans())
def test_any_instant_of_rfc_3339_is_read_as_written(moment, small):
    text = f"{moment.isoformat()}Z"
    span = parse_span(text.lower() if small else text)

    assert span is not None
    assert span.start == moment.replace(tzinfo=UTC)
    assert span.end - span.start in (timedelta(0), timedelta(microseconds=999999))


@given(st.text(max_size=30))
def test_any_text_can_be_asked_for_its_time(text):
    parse_span(text)


@pytest.mark.parametrize(
    "content", ["", "no JSON", "[]", "{}", '{"type": "Feature", "properties": [1]}', item(datetime=7), "[" * 100_000]
)
def test_what_is_no_item_is_passed_over(write_tiff, noise, content):
    path = write_tiff(noise(1, 4, 4))
    path.with_suffix(".json").write_text(content)

    assert inspect(path).acquired is None


@pytest.mark.parametrize(
    "text", ["9999", "9999-12", "9999-12-31", "99991231", "9999-365", "9999-12-31T23:59", "9999-12-31T23:59:59Z"]
)
def test_the_last_day_of_the_calendar_is_one(text):
    span = parse_span(text)
    assert span is not None
    assert span.end == datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)


@pytest.mark.parametrize(
    ("text", "days"), [("2019", 365), ("2020", 366), ("2020-02", 29), ("1900-02", 28), ("0001", 365)]
)
def test_years_and_months_are_as_long_as_they_are(text, days):
    span = parse_span(text)
    assert span is not None
    assert span.end - span.start == timedelta(days=days) - timedelta(microseconds=1)
