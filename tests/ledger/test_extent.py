"""The smallest box around boxes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.ledger.extent import around


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(4.0, 5.0)], (4.0, 5.0)),
        ([(4.0, 5.0), (-10.0, -9.0)], (-10.0, 5.0)),
        ([(170.0, 190.0)], (170.0, -170.0)),
        ([(175.0, 179.0), (-178.0, -177.0)], (175.0, -177.0)),
        ([(-180.0, 180.0)], (-180.0, 180.0)),
        ([(-180.0, 0.0), (0.0, 180.0)], (-180.0, 180.0)),
        ([(170.0, 180.0)], (170.0, 180.0)),
    ],
)
def test_the_smallest_arc_leaves_the_widest_gap_out(
    spans: list[tuple[float, float]], expected: tuple[float, float]
) -> None:
    assert around(spans) == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(-180, 180), st.integers(0, 90)), min_size=1))
def test_every_span_lies_in_the_arc(drawn: list[tuple[int, int]]) -> None:
    spans = [(float(west), float(west + width)) for west, width in drawn]
    west, east = around(spans)
    width = (east - west) % 360 if (west, east) != (-180.0, 180.0) else 360
    for start, end in spans:
        offset = (start - west) % 360
        assert offset + (end - start) <= width + 1e-9 or (offset + (end - start)) % 360 <= width + 1e-9
