"""What a search returns, and the values that `archive.search` takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import trsllava
from tests.harbors import index_harbors
from trsllava import Archive, Filters, Footprint, InputError, Query


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Ten captioned pictures."""
    with trsllava.open(index_harbors(tmp_path_factory.mktemp("result"), 10)) as opened:
        yield opened


def test_a_result_is_used_like_a_list(archive: Archive) -> None:
    result = archive.search("harbor with cranes", k=3)
    assert isinstance(result, Sequence)
    assert len(result) == len([hit.score for hit in result]) == 3
    assert list(result[1:]) == list(result)[1:]
    assert result[-1] in result
    assert result == list(result)
    assert result != list(result)[1:]


def test_a_result_says_how_the_query_was_understood(archive: Archive) -> None:
    understood = archive.search("habor without shps", labels="beach").understood
    assert (understood.typed, understood.searched) == ("habor without shps", "harbor without ships")
    assert understood.changes == {"habor": "harbor", "shps": "ships"}
    assert (understood.wanted, understood.unwanted) == ("harbor", ("ships",))
    assert [label.asked for label in understood.unknown_labels] == ["beach"]
    assert understood.filters.labels == ("beach",)
    assert archive.search("port avec des grues").understood.language == "French"


def test_a_result_over_a_whole_collection_covers_all_of_it(archive: Archive) -> None:
    assert archive.search("a harbor").coverage.share == 1


def test_stages_take_a_part_of_the_total(archive: Archive) -> None:
    timings = archive.search("a harbor").timings
    stages = (timings.understand, timings.encode, timings.search, timings.fuse, timings.explain)
    assert min(stages) > 0
    assert timings.rerank == 0
    assert sum(stages) < timings.total


def test_a_ready_query_is_read_as_its_words_are(archive: Archive) -> None:
    result = archive.search(Query(text="habor without ships", k=2))
    assert result == archive.search("habor without ships", k=2)
    assert result.understood.unwanted == ("ships",)


def test_what_was_understood_is_searched_as_it_is(archive: Archive) -> None:
    understood = archive.understand("habor without ships")
    query = Query(text=understood.wanted, unwanted=understood.unwanted, exact_words=True)
    result = archive.search(query)
    assert result == archive.search("habor without ships")
    assert (result.understood.searched, result.understood.unwanted) == ("harbor", ("ships",))


@pytest.mark.parametrize("text", ["habor", "a harbor without ships", "port avec des grues"])
def test_exact_words_are_searched_as_typed(archive: Archive, text: str) -> None:
    for result in (archive.search(text, exact_words=True), archive.search(Query(text=text, exact_words=True))):
        assert (result.understood.wanted, result.understood.unwanted) == (text, ())
    assert archive.understand(text, exact_words=True).wanted == text


def test_parameters_decide_over_a_ready_query(archive: Archive) -> None:
    query = Query(text="habor", exact_words=True)
    assert archive.search(query, exact_words=False).understood.wanted == "harbor"


def test_what_a_ready_query_excludes_is_excluded_and_told(archive: Archive) -> None:
    result = archive.search(Query(text="a harbor without cranes", unwanted=("ships",)))
    assert result.understood.unwanted == ("ships", "cranes")
    assert "Without: ships, cranes." in result.notices()


def test_parameters_replace_what_a_ready_query_says(archive: Archive) -> None:
    query = Query(text="a harbor", k=2, filters=Filters(labels=("beach",)))
    assert len(archive.search(query, k=4, labels=[])) == 4


def test_one_source_or_several_narrow_a_search(archive: Archive) -> None:
    folder = Path(archive.search("a harbor")[0].paths[0]).parent
    assert len(archive.search("a harbor", source=folder)) == 10
    assert len(archive.search("a harbor", source=[folder / "1.png", str(folder / "2.png")])) == 2


@pytest.mark.parametrize(
    "bbox", [(3, 51, 4, 52), [3.0, 51.0, 4.0, 52.0], "3,51,4,52", Footprint(west=3, south=51, east=4, north=52)]
)
def test_a_box_may_be_written_in_several_ways(archive: Archive, bbox: Any) -> None:
    found = archive.search("a harbor", bbox=bbox)
    assert found.understood.filters.bbox == Footprint(west=3, south=51, east=4, north=52)
    assert len(found) == 0  # plain pictures lie nowhere


@pytest.mark.parametrize(
    "time",
    [
        "2019-06-30/..",
        (date(2019, 6, 30), None),
        ("2019-06-30", None),
        (datetime(2019, 6, 30), None),
        (datetime.fromisoformat("2019-06-30T02:00+02:00"), ".."),
    ],
)
def test_a_time_may_be_written_in_several_ways(archive: Archive, time: Any) -> None:
    filters = archive.search("a harbor", time=time).understood.filters
    assert (filters.start, filters.end) == (datetime(2019, 6, 30, tzinfo=UTC), None)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"bbox": (0, 50, 1, 40)}, r"south \(50.0\) lies above north \(40.0\)"),
    ({"bbox": (0, 0, 1)}, "west,south,east,north"),
    ({"bbox": (0, 0, float("nan"), 1)}, "at most 180, not nan"),
    ({"bbox": "north"}, "west,south,east,north"),
    ({"bbox": 7}, "west,south,east,north"),
    ({"time": "yesterday"}, "'yesterday' is not a time"),
    ({"time": ("2020", "2019")}, "ends before it starts"),
    ({"time": (date(2020, 1, 1), date(2019, 1, 1))}, "2020-01-01/2019-01-01 ends before"),
    ({"time": ("2019", "2020", "2021")}, "one time or start/end"),
    ({"time": 2019}, "2019 is not a time"),
    ({"labels": ["airport", 3]}, "`labels` expects names, not 3"),
    ({"labels": 3}, "`labels` expects names, not 3"),
    ({"without_labels": ""}, "`without_labels` expects names"),
    ({"source": ["caf\udce9"]}, "is not UTF-8"),
    ({"source": 5}, "`source` expects names, not 5"),
    ({"k": 0}, "`k` must be at least 1, not 0"),
    ({"fusion": "sum"}, "`fusion` must be rrf, zscore or cdf, not 'sum'"),
    ({"branches": ["sparse"]}, "`branches` must be dense, bm25 or image, not 'sparse'"),
    ({"weights": {"sparse": 1}}, "`weights` must be dense, bm25, image or rerank, not 'sparse'"),
    ({"weights": {"dense": -1}}, "`weights` must be at least 0, not -1"),
    ({"weights": {"dense": float("nan")}}, "`weights` must be a finite number, not nan"),
    ({"weights": {"rerank": float("inf")}}, "`weights` must be a finite number, not inf"),
    ({"weights": {"dense": 0, "bm25": 0, "image": 0}}, "above 0 for at least one of dense, bm25, image"),
    ({"weights": {"bm25": 0, "dense": 0}, "branches": ["bm25", "dense"]}, "at least one of bm25, dense"),
    ({"rerank_top": 0}, "`rerank_top` must be at least 1"),
    ({"weight": 0.5}, "need both a text and a picture"),
    ({"image": "lost.png"}, "cannot be used"),
    ({"text": ""}, "The query is empty"),
    ({"text": None}, "text or a Query, not None"),
]


@pytest.mark.parametrize(("value", "sentence"), BAD, ids=[str(value) for value, _ in BAD])
def test_a_bad_value_is_told_before_a_missing_collection(value: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with trsllava.open(tmp_path / "nothing") as archive, pytest.raises(InputError, match=sentence):
        archive.search(**{"text": "a harbor"} | value)
    assert not (tmp_path / "nothing").exists()
