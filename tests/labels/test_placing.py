"""Where new labels land."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from trsllava.labels.file import read_tree
from trsllava.labels.meaning import Meanings, texts_of
from trsllava.labels.placing import Placing, is_sure
from trsllava.labels.raw import RawLabel
from trsllava.labels.tree import LabelTree


@pytest.fixture(scope="module")
def placing(meanings: Meanings) -> Placing:
    return Placing(read_tree("overhead"), meanings)


@pytest.mark.parametrize(("file", "right"), [("unseen.csv", 0.84), ("unseen_second.csv", 0.9)])
def test_unseen_labels_land_under_their_parents(placing: Placing, meanings: Meanings, file: str, right: float) -> None:
    """The lists were written before any of their labels was placed (docs/measurements/labels.md): the first
    with objects that may go to two places; the second along OpenStreetMap's list of map features."""
    with (Path(__file__).parent / file).open(encoding="utf-8", newline="") as rows:
        cases = list(csv.DictReader(rows))
    assert len(cases) >= 50
    meanings.learn([text for case in cases for text in texts_of(case["label"], case["about"])])  # all at once
    landed = [
        placing.places(case["label"], case["about"], dict(RawLabel(case["osm"]).tags))[0].parent.name
        for case in cases
    ]  # fmt: skip
    assert sum(place == case["parent"] for place, case in zip(landed, cases, strict=True)) >= right * len(cases)


def test_none_of_them_is_in_the_tree() -> None:
    tree = read_tree("overhead")
    for file in Path(__file__).parent.glob("unseen*.csv"):
        with file.open(encoding="utf-8", newline="") as rows:
            assert [case["label"] for case in csv.DictReader(rows) if tree.find(case["label"])] == []


def test_a_tag_tells_what_a_word_leaves_open(placing: Placing) -> None:
    assert placing.places("terminal thing", tags={"aeroway": "terminal_thing"})[0].parent.name == "aviation"
    assert placing.places("terminal thing", tags={"seamark:type": "terminal_thing"})[0].parent.name == "shipping"


def test_a_lead_that_is_small_is_not_sure(placing: Placing) -> None:
    assert is_sure(placing.places("sugar beet field", "A field on which sugar beets grow."))
    assert not is_sure(placing.places("thing"))


def test_a_tree_without_second_level_has_no_place(meanings: Meanings) -> None:
    assert Placing(LabelTree("empty", "", {}), meanings).places("lake") == []
