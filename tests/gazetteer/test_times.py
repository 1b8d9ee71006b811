"""Times that a query names, where a list of queries would not show the fault."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trsllava.ledger.extent import Extent
from trsllava.places.times import Dates, named_time
from trsllava.records import Footprint
from trsllava.search.whereabouts import Whereabouts, read_whereabouts

TODAY = date(2026, 3, 1)
_SAID = """
from to between and in since until last this the 31 30 29 5 12 1st 2018 1950 2099 999 summer winter autumn Feb February
June December quarter half second first week weeks decades years ago of early 2018-02 2019-12-31 Q4 18/19
"""
_WORDS = st.sampled_from(_SAID.split())


@given(
    st.lists(_WORDS, min_size=1, max_size=7).map(" ".join), st.dates(date(1, 1, 1), date(9998, 12, 31)), st.booleans()
)
@example("from 31 to summer 2018", TODAY, False)
@example("from 30 to winter 2018", TODAY, True)
def test_no_words_of_time_are_too_odd_to_be_read(text: str, today: date, south: bool) -> None:
    found = named_time(text, today, south=south)
    if found is not None and isinstance(found.when, Dates) and found.when.first and found.when.last:
        assert found.when.first <= found.when.last


@pytest.mark.parametrize(
    ("text", "today", "south", "first", "last"),
    [
        ("snow this winter", date(2025, 12, 15), False, date(2025, 12, 1), date(2026, 2, 28)),
        ("snow this winter", date(2026, 2, 1), False, date(2025, 12, 1), date(2026, 2, 28)),
        ("beaches this summer", date(2025, 12, 15), True, date(2025, 12, 1), date(2026, 2, 28)),
        ("snow last winter", date(2025, 12, 15), False, date(2024, 12, 1), date(2025, 2, 28)),
        ("fields this summer", date(2025, 12, 15), False, date(2025, 6, 1), date(2025, 8, 31)),
        ("snow this winter", date(2025, 6, 15), True, date(2025, 6, 1), date(2025, 8, 31)),
    ],
)
def test_this_winter_is_the_one_that_has_begun(text: str, today: date, south: bool, first: date, last: date) -> None:
    found = named_time(text, today, south=south)
    assert found is not None
    assert found.when == Dates(first, last)


def _read(text: str, start: int, end: int, **more: Footprint) -> Whereabouts:
    lies = Extent(
        Footprint(west=-180, south=-60, east=180, north=75),
        datetime(start, 1, 1, tzinfo=UTC),
        datetime(end, 12, 31, 23, 59, tzinfo=UTC),
    )
    return read_whereabouts(text, lambda: lies, TODAY, has_meaning=bool, **more)


def _years(found: Whereabouts) -> tuple[int, int]:
    return found.spans[0][0].year, found.spans[-1][1].year


def test_months_of_every_year_are_those_of_the_archives_years() -> None:
    assert _years(_read("beaches in July", 2015, 2020)) == (2015, 2020)
    assert _years(_read("beaches in winter", 2015, 2020)) == (2014, 2021)


@pytest.mark.parametrize("text", ["beaches in July", "beaches in winter", "beaches in December"])
def test_an_image_without_an_end_does_not_move_the_years_that_are_looked_in(text: str) -> None:
    first, last = _years(_read(text, 2015, 9999))
    assert first in (2014, 2015)
    assert TODAY.year <= last <= TODAY.year + 2


@pytest.mark.parametrize("text", ["beaches in July", "beaches in winter", "beaches in December"])
@pytest.mark.parametrize(("start", "end"), [(1, 1), (1, 9999), (1, 2020), (9999, 9999), (9998, 9999)])
def test_years_at_the_ends_of_the_calendar_are_read(text: str, start: int, end: int) -> None:
    assert _read(text, start, end).spans


def test_seasons_are_those_of_the_box_that_is_looked_in() -> None:
    sydney = Footprint(west=151, south=-34, east=152, north=-33)
    oslo = Footprint(west=10, south=59, east=11, north=60)
    assert _read("beaches in summer 2020", 2015, 2020, within=sydney).spans[0][0] == datetime(2019, 12, 1, tzinfo=UTC)
    assert _read("beaches in summer 2020", 2015, 2020, within=oslo).spans[0][0] == datetime(2020, 6, 1, tzinfo=UTC)
    named = _read("beaches near Oslo in summer 2020", 2015, 2020, within=sydney)
    assert named.spans[0][0] == datetime(2020, 6, 1, tzinfo=UTC)
