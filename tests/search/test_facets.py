"""How a collection divides, and what a text that is being typed may become."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from tests.standin.collection import Collection
from trsllava.labels.file import read_tree
from trsllava.records import Filters
from trsllava.search.facets import Facets, calendar, facets
from trsllava.search.suggesting import Suggestions, suggest


@pytest.fixture
def ports(collection: Collection) -> Collection:
    collection.draw("north/a_20200105.png", "north/b_20200301.png", "south/c_20200105.png", "d.png")
    collection.describe(
        {
            "north/a_20200105.png": {"captions": ["harbor with cranes"], "labels": ["harbor"]},
            "north/b_20200301.png": {"captions": ["harbor with ships"], "labels": ["harbor", "ship"]},
            "south/c_20200105.png": {"captions": ["the theatre"], "labels": ["theatre"]},
            "d.png": "harbour",
        }
    )
    collection.index()
    return collection


def _facets(ports: Collection, **conditions: object) -> Facets:
    return facets(ports.store, ports.ledger, Filters.model_validate(conditions), limit=10)


def test_labels_are_counted_most_frequent_first(ports: Collection) -> None:
    assert _facets(ports).labels == {"harbor": 2, "ship": 1, "theatre": 1}


def test_tiles_are_counted_by_the_indexed_folder_and_the_folders_in_it(ports: Collection) -> None:
    root = ports.images.as_posix()
    assert _facets(ports).sources == {root: 4, f"{root}/north": 2, f"{root}/south": 1}


def test_tiles_are_counted_by_the_days_that_they_were_taken(ports: Collection) -> None:
    counted = {one.start.date().isoformat(): one.tiles for one in _facets(ports).times}
    assert counted == {"2020-01-05": 2, "2020-03-01": 1}


def test_only_what_passes_the_filters_is_counted(ports: Collection) -> None:
    root = ports.images.as_posix()
    found = _facets(ports, labels=["harbor"], sources=[f"{root}/north"])
    assert found.tiles == 2
    assert found.labels == {"harbor": 2, "ship": 1}
    assert found.sources == {root: 2, f"{root}/north": 2}


def test_a_time_filter_narrows_the_histogram(ports: Collection) -> None:
    found = _facets(ports, start=datetime(2020, 2, 1, tzinfo=UTC))
    assert [one.start.date().isoformat() for one in found.times] == ["2020-03-01"]


@pytest.mark.parametrize(
    ("end", "bins"),
    [("2020-01-01", 1), ("2020-02-20", 51), ("2020-12-31", 12), ("2024-12-31", 60), ("2030-06-01", 11)],
)
def test_a_histogram_has_the_finest_bins_of_which_there_are_at_most_sixty(end: str, bins: int) -> None:
    first, last = datetime(2020, 1, 1, 9, tzinfo=UTC), datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert len(calendar(first, last)) == bins


@pytest.mark.parametrize(
    ("first", "last", "bins", "years"),
    [
        ("1900-01-01", "1999-12-31", 10, 10),
        ("2019-03-01", "9999-12-31", 80, 100),  # what goes on without an end is often written so
        ("9999-01-01", "9999-12-31", 12, 0),
        ("9999-12-30", "9999-12-31", 2, 0),
        ("9930-01-01", "9999-12-31", 7, 10),
        ("0001-01-01", "0300-01-01", 31, 10),
        ("0001-01-01", "9999-12-31", 100, 100),
    ],
)
def test_a_histogram_of_many_years_has_decades_or_centuries_and_ends_with_the_calendar(
    first: str, last: str, bins: int, years: int
) -> None:
    start, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last))
    found = calendar(start, end)
    assert len(found) == bins
    assert found[0][0] <= start
    assert found[-1][1] >= end
    assert all(before[1] < after[0] for before, after in pairwise(found))
    if years:
        assert all(step[0].year % years == 0 for step in found[1:])


def _suggest(ports: Collection, text: str, limit: int = 5) -> Suggestions:
    return suggest(text, ports.ledger, limit=limit, has_meaning=ports.engine().has_meaning)


def test_the_last_word_is_completed_by_the_collections_words(ports: Collection) -> None:
    found = _suggest(ports, "a wide har")
    assert [(one.word, one.tiles, one.text) for one in found.completions] == [
        ("harbor", 2, "a wide harbor"),
        ("harbour", 1, "a wide harbour"),
    ]


def test_words_that_stand_for_nothing_are_not_suggested(ports: Collection) -> None:
    assert [one.word for one in _suggest(ports, "th").completions] == ["theatre"]


def test_a_slip_is_repaired_where_nothing_goes_on(ports: Collection) -> None:
    found = _suggest(ports, "teh thaetre")
    assert not found.completions
    assert found.repaired == "teh theatre"


@pytest.mark.parametrize("text", ["", "   ", "§", "har%", "har'; DROP TABLE words"])
def test_what_is_no_word_has_no_completion(ports: Collection, text: str) -> None:
    assert _suggest(ports, text).completions == []


def test_without_a_tree_nothing_is_counted_by_it(ports: Collection) -> None:
    assert _facets(ports).label_tree == {}


def test_a_label_of_a_tree_counts_tiles_once_with_all_below_it(ports: Collection) -> None:
    filters = Filters(labels=("harbor",))
    found = facets(ports.store, ports.ledger, Filters(), limit=10, tree=read_tree("overhead"))
    assert found.label_tree == {
        "built-up land": 1, "culture and heritage": 1, "theatre": 1,
        "transport": 2, "shipping": 2, "harbor": 2, "ship": 1,
    }  # fmt: skip
    narrowed = facets(ports.store, ports.ledger, filters, limit=10, tree=read_tree("overhead"))
    assert narrowed.label_tree == {"transport": 2, "shipping": 2, "harbor": 2, "ship": 1}
