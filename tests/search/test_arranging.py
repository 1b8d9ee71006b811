"""Which hits are shown, and in what order."""

from __future__ import annotations

import pytest

from tests.standin.collection import Collection
from trsllava.records import Query


@pytest.fixture
def harbors(collection: Collection) -> Collection:
    """Three harbors that read alike, one that reads otherwise, and a wood; three have a day in their name."""
    names = ["a_20200101.png", "b_20220101.png", "c.png", "d_20210101.png", "wood.png"]
    collection.draw(*names)
    said = ["harbor cranes", "harbor cranes", "harbor cranes ships", "harbor yachts marina", "wood"]
    collection.describe(dict(zip(names, said, strict=True)))
    collection.index()
    return collection


def _names(collection: Collection, **fields: object) -> list[str]:
    hits = collection.engine().search(Query.model_validate({"text": "harbor cranes", **fields}))
    return [hit.paths[0].rsplit("/", 1)[-1] for hit in hits]


def test_the_newest_hit_comes_first_and_what_has_no_time_last(harbors: Collection) -> None:
    assert _names(harbors, k=4, sort="newest") == ["b_20220101.png", "d_20210101.png", "a_20200101.png", "c.png"]


def test_the_oldest_hit_comes_first_and_what_has_no_time_last(harbors: Collection) -> None:
    assert _names(harbors, k=4, sort="oldest") == ["a_20200101.png", "d_20210101.png", "b_20220101.png", "c.png"]


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_the_order_does_not_change_which_hits_there_are(harbors: Collection, sort: str) -> None:
    assert sorted(_names(harbors, k=2, sort=sort)) == sorted(_names(harbors, k=2))


def test_a_diverse_answer_leaves_out_what_reads_like_a_better_hit(harbors: Collection) -> None:
    assert set(_names(harbors, k=2)) == {"a_20200101.png", "b_20220101.png"}
    first, second = _names(harbors, k=2, diversity=0.8)
    assert first in ("a_20200101.png", "b_20220101.png")
    assert second not in ("a_20200101.png", "b_20220101.png", "c.png")


def test_the_best_hit_is_first_however_diverse_the_answer(harbors: Collection) -> None:
    assert _names(harbors, k=3, diversity=1.0)[0] == _names(harbors, k=1)[0]


def test_no_diversity_is_the_usual_order(harbors: Collection) -> None:
    assert _names(harbors, k=5, diversity=0.0) == _names(harbors, k=5)


def test_hits_below_a_score_are_left_out(harbors: Collection) -> None:
    hits = harbors.engine().search(Query(text="harbor cranes"))
    assert _names(harbors, min_score=hits[1].score) == [hit.paths[0].rsplit("/", 1)[-1] for hit in hits[:2]]
