"""Precision and recall on the lists of queries (docs/places.md)."""

from __future__ import annotations

import pytest

from eval.benchmarks.places import Kind, held_out, measured


@pytest.mark.parametrize(("kind", "least"), [("places", 0.95), ("times", 0.97)])
@pytest.mark.parametrize("held", [False, True], ids=["tuned on", "held out"])
def test_places_and_times_are_told_from_words_that_only_look_like_them(kind: Kind, least: float, held: bool) -> None:
    counts = measured(kind, held_out(kind, held))
    assert counts.precision >= least, counts.wrong
    assert counts.recall >= least, counts.wrong


@pytest.mark.parametrize(("kind", "queries", "named"), [("places", 300, 150), ("times", 200, 130)])
def test_the_lists_are_as_long_as_they_are_said_to_be(kind: Kind, queries: int, named: int) -> None:
    rows = [*held_out(kind, False), *held_out(kind, True)]
    assert len(rows) >= queries
    assert sum(row.expected != "-" for row in rows) >= named
