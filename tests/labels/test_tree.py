"""What is looked up in a tree."""

from __future__ import annotations

import pytest

from trsllava.labels.file import parse_tree, read_tree
from trsllava.labels.tree import LabelTree


@pytest.mark.parametrize("word", ["lake", "Lakes", "LAKE"])
def test_a_label_is_found_in_any_spelling(small: LabelTree, word: str) -> None:
    label = small.find(word)
    assert label is not None
    assert label.path == ("water", "inland water", "lake")


def test_a_label_is_found_by_its_synonyms_and_tags(small: LabelTree) -> None:
    assert small.find("artificial lakes") == small.labels["reservoir"]
    assert small.find("landuse = Reservoir") == small.labels["reservoir"]
    assert small.find("landuse=meadow") is None


def test_all_below_a_label_lie_within_it(small: LabelTree) -> None:
    assert [label.name for label in small.within("inland water")] == ["inland water", "lake", "reservoir"]
    assert {label.name for label in small.within("water")} >= {"beach", "lake"}


def test_worldcover_classes_come_from_the_nearest_label_above(small: LabelTree) -> None:
    assert small.worldcover("lake") == (80,)
    assert small.worldcover("beach") == (60,)
    assert small.worldcover("train station") == ()
    assert [label.name for label in small.of_worldcover(80)] == ["water"]


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"leisure": "pitch", "sport": "tennis"}, ["tennis court"]),
        ({"leisure": "pitch", "sport": "korfball"}, ["sports field"]),
        ({"railway": "turntable"}, ["railways"]),
        ({"railway": "station"}, ["train station"]),
        ({"natural": "water", "water": "lake"}, ["lake"]),
        ({"building": "house", "amenity": "school"}, ["house", "school"]),
        ({"surface": "asphalt"}, []),
    ],
)
def test_an_object_has_the_labels_of_the_rules_that_say_most(tags: dict[str, str], found: list[str]) -> None:
    assert [label.name for label in read_tree("overhead").of_tags(tags)] == found


def test_rules_and_tags_are_compared_in_any_case() -> None:
    tree = parse_tree("format: 1\nname: x\nlabels:\n  club: {osm: [operator=DAV]}\n", "x")
    assert [label.name for label in tree.of_tags({"operator": "DAV"})] == ["club"]
    assert tree.find("operator=dav") == tree.labels["club"]
