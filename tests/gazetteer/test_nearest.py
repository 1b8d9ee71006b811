"""The town that a place lies nearest to."""

from __future__ import annotations

import tracemalloc

from trsllava.places.gazetteer import nearest_towns

SPOTS = ((4.48, 51.92), (151.2, -33.87), (179.9, -17.0), (0.0, 90.0))


def test_of_many_points_each_has_the_town_that_it_has_alone() -> None:
    alone = [nearest_towns([spot])[0] for spot in SPOTS]
    assert nearest_towns([]) == []
    assert nearest_towns([SPOTS[number % 4] for number in range(150)]) == [alone[number % 4] for number in range(150)]


def test_the_hits_of_the_largest_answer_fit_into_memory() -> None:
    nearest_towns(SPOTS)  # the towns themselves are kept
    tracemalloc.start()
    try:
        nearest_towns([(number / 60, 0.0) for number in range(1000)])
        assert tracemalloc.get_traced_memory()[1] < 150 << 20
    finally:
        tracemalloc.stop()
