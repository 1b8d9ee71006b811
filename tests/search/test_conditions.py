from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trsllava.errors import InputError
from trsllava.search.conditions import as_footprint, as_interval, as_weights


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2019", at(2019, 1, 1), at(2019, 12, 31, 23, 59, 59, 999999)),
        ("2019-02", at(2019, 2, 1), at(2019, 2, 28, 23, 59, 59, 999999)),
        ("2020-02-29", at(2020, 2, 29), at(2020, 2, 29, 23, 59, 59, 999999)),
        ("2019-12/2020", at(2019, 12, 1), at(2020, 12, 31, 23, 59, 59, 999999)),
        ("2019/..", at(2019, 1, 1), None),
        ("../2019-06", None, at(2019, 6, 30, 23, 59, 59, 999999)),
        ("2019-06-01T12:00:00Z", at(2019, 6, 1, 12), at(2019, 6, 1, 12, 0, 0, 999999)),
        ("2014-06-01t00:00:00z", at(2014, 6, 1), at(2014, 6, 1, 0, 0, 0, 999999)),
        ("2019-06-01 07:07", at(2019, 6, 1, 7, 7), at(2019, 6, 1, 7, 7, 59, 999999)),
        ("2019-W10", at(2019, 3, 4), at(2019, 3, 10, 23, 59, 59, 999999)),
        ("2019-W10/2019-w11", at(2019, 3, 4), at(2019, 3, 17, 23, 59, 59, 999999)),
        ("2019-06-01T01:00+02:00/..", at(2019, 5, 31, 23), None),
    ],
)
def test_a_time_means_all_of_it_as_far_as_it_is_written(
    text: str, start: datetime | None, end: datetime | None
) -> None:
    assert as_interval(text) == (start, end)


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2019-13", "2020/2019", "2019/2020/2021", "2019-02-30", "2019-W54", "2019T07", "2019-06-30T25:00"],
)
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^`time`"):
        as_interval(text)


def test_a_box_may_cross_the_dateline() -> None:
    box = as_footprint("170,-20,-170,10")
    assert (box.west, box.unwrapped_east) == (170, 190)


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "0,10,5,-10", "0,0,200,10", "nan,0,1,1"])
def test_a_box_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^`bbox`"):
        as_footprint(text)


def test_weights_are_read_by_name() -> None:
    assert as_weights("dense=1, bm25=0.5") == {"dense": 1.0, "bm25": 0.5}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("dense", "`weights` expects dense=1,bm25=0.5"),
        ("dense=much", "`weights` expects dense=1,bm25=0.5"),
        ("sparse=1", "`weights` accepts dense, bm25, image, rerank, not 'sparse'"),
    ],
)
def test_weights_that_are_not_understood_show_the_right_form(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=f"^{sentence}"):
        as_weights(text)
