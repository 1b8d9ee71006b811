"""Labels as they come."""

from __future__ import annotations

import pytest

from trsllava.labels.raw import RawLabel, read_raw


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Grave_Yards", "grave yards"),
        ("landuse=resevoir", "resevoir"),
        ("leisure = pitch; sport = tennis", "tennis"),
        ("bridge=yes", "bridge"),
        ("railway=*", "railway"),
        ("lakes, ponds", "lakes ponds"),
        ("man_made=water_tower", "water tower"),
    ],
)
def test_a_word_is_taken_out_of_tags(text: str, word: str) -> None:
    assert RawLabel(text).word == word


def test_the_most_frequent_come_first_and_what_is_empty_is_left_out() -> None:
    raws = read_raw(["\ufeff# a list", "", "pond", "lake\twet", "Lakes", "--", "natural=water"])
    assert [(raw.text, raw.about, raw.seen) for raw in raws] == [
        ("lake", "wet", 2), ("pond", "", 1), ("natural=water", "", 1),
    ]  # fmt: skip
