"""Where a thing is said to be, from its grid."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trsllava.captioners.checks.compass import fault
from trsllava.captioners.nano.places import place_words
from trsllava.encoders.protocol import FloatArray
from trsllava.records import RichCaption, RichText


def grid(rows: slice, cols: slice) -> FloatArray:
    """A thing in these cells of an 8 x 8 grid and nowhere else."""
    logits = np.full((8, 8), -4, np.float32)
    logits[rows, cols] = 2
    return logits


@pytest.mark.parametrize(
    ("rows", "cols", "relative", "compass"),
    [
        (slice(None), slice(None), "across the picture", "across the picture"),
        (slice(3, 5), slice(3, 5), "in the middle", "in the middle"),
        (slice(0, 2), slice(0, 2), "in one corner", "in the north-western corner"),
        (slice(6, 8), slice(6, 8), "in one corner", "in the south-eastern corner"),
        (slice(0, 1), slice(None), "along one side", "in the northern half"),
        (slice(None), slice(7, 8), "along one side", "in the eastern half"),
    ],
)
def test_a_thing_is_where_its_cells_are(rows: slice, cols: slice, relative: str, compass: str) -> None:
    assert place_words(grid(rows, cols), 4.0, north_up=False) == relative
    assert place_words(grid(rows, cols), 4.0, north_up=True) == compass


def test_a_thing_all_round_is_around_the_edges() -> None:
    logits = grid(slice(0, 1), slice(None))
    logits[7], logits[2:6:3, 0], logits[2:6:3, 7] = 2, 2, 2
    assert place_words(logits, 4.0, north_up=False) == "around the edges"


@given(st.integers(4, 9).flatmap(lambda side: arrays(np.float32, (side, side), elements=st.floats(-4, 4, width=16))))
def test_a_mirrored_picture_has_the_other_side_named(logits: FloatArray) -> None:
    said = place_words(logits, 1.0, north_up=True)
    mirrored = place_words(logits[::-1, ::-1], 1.0, north_up=True)
    sides = {"north": "south", "south": "north", "east": "west", "west": "east"}
    assert mirrored == re.sub("north|south|east|west", lambda found: sides[found[0]], said)


@given(arrays(np.float32, (8, 8), elements=st.floats(-20, 20, width=32)), st.booleans(), st.booleans())
def test_no_compass_word_is_said_where_north_is_not_known(logits: FloatArray, turned: bool, mirrored: bool) -> None:
    said = place_words(logits, 4.0, north_up=False)
    if said:
        assert not fault(RichText(variants=(RichCaption(caption=said),)), north_up=False)
    other = np.rot90(logits) if turned else logits
    assert place_words(np.ascontiguousarray(other[:, ::-1] if mirrored else other), 4.0, north_up=False) == said
