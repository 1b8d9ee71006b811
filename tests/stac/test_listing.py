"""Captioned tiles by place and time: the ledger lists exactly what a search finds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trsllava
from tests.conftest import MakeOnce
from tests.places import index_places
from trsllava.archive import Archive
from trsllava.records import Filters, Footprint

longitudes = st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 4.0, 4.08, 179.96, -179.96, 10.0]))
latitudes = st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 52.0, -17.0, -17.08]))
times = st.one_of(
    st.none(),
    st.datetimes(datetime(2019, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([datetime(2024, 5, 17, 10, 31, 5, tzinfo=UTC), datetime(2021, 9, 1, tzinfo=UTC)]),
)


@pytest.fixture(scope="module")
def opened(make_once: MakeOnce) -> Archive:
    return trsllava.open(make_once("places", index_places) / "home")


@given(longitudes, longitudes, latitudes, latitudes, times, times)
def test_what_is_listed_is_what_is_found(
    opened: Archive,
    west: float,
    east: float,
    one: float,
    other: float,
    start: datetime | None,
    end: datetime | None,
) -> None:
    box = Footprint(west=west, east=east, south=min(one, other), north=max(one, other))
    for filters in (Filters(bbox=box), Filters(start=start, end=end), Filters(bbox=box, start=start, end=end)):
        found = opened.search("anything", k=100, filters=filters, all_tiles=True)
        listed = [str(record.tile.id) for record in opened.ledger.captioned(filters, chunk=2)]

        assert listed == sorted(str(hit.tile.id) for hit in found)
        assert opened.ledger.count_captioned(filters) == len(listed)


def test_a_listing_goes_on_behind_an_id(archive: Archive) -> None:
    whole = [str(record.tile.id) for record in archive.ledger.captioned(Filters())]

    assert [str(record.tile.id) for record in archive.ledger.captioned(Filters(), whole[2])] == whole[3:]
