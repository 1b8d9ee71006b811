"""Labels as people ask for them and as the collection spells them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.labels.file import parse_tree
from trsllava.labels.tree import LabelTree
from trsllava.records import Filters
from trsllava.search.labels import settle_labels

KNOWN = {
    "harbor": 9,
    "tennis court": 7,
    "Tennis": 3,
    "tennis": 2,
    "baseball-field": 2,
    "Bus": 1,
    "grass": 1,
    "city": 1,
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("harbor", {"harbor"}),
        ("Harbor", {"harbor"}),
        ("HARBORS", {"harbor"}),
        ("tennis", {"Tennis", "tennis"}),
        ("Tennis courts", {"tennis court"}),
        ("baseball field", {"baseball-field"}),
        ("Baseball_Fields", {"baseball-field"}),
        ("buses", {"Bus"}),
        ("Grass", {"grass"}),
        ("cities", {"city"}),
        ("ｈarbor", {"harbor"}),
    ],
)
def test_case_plural_and_hyphens_make_no_difference(asked: str, found: set[str]) -> None:
    settled, unknown = settle_labels(Filters(labels=(asked,)), KNOWN)
    assert {*settled.labels, *(label for group in settled.label_spellings for label in group)} == found
    assert unknown == []
    without, _ = settle_labels(Filters(without_labels=(asked,)), KNOWN)
    assert set(without.without_labels) == found


def test_each_label_that_was_asked_for_stays_a_condition_of_its_own() -> None:
    settled, _ = settle_labels(Filters(labels=("harbors", "tennis")), KNOWN)
    assert (settled.labels, settled.label_spellings) == (("harbor",), (("Tennis", "tennis"),))


def test_a_label_that_no_image_has_names_the_nearest() -> None:
    settled, (unknown,) = settle_labels(Filters(labels=("tenis",)), {"tennis court": 7, "harbor": 9})
    assert settled.labels == ("tenis",)
    assert unknown.sentence() == "No image has the label 'tenis'. The nearest: tennis court."


def test_where_nothing_is_like_it_the_most_frequent_are_named() -> None:
    _, (unknown,) = settle_labels(Filters(without_labels=("qqq",)), {"harbor": 9, "pier": 2})
    assert unknown.nearest == ("harbor", "pier")
    _, (unknown,) = settle_labels(Filters(labels=("qqq",)), {})
    assert unknown.sentence() == "No image has the label 'qqq'. The collection has no labels."


@given(st.lists(st.text(min_size=1, max_size=12), max_size=6, unique=True))
def test_any_label_that_is_there_is_found_by_its_own_name(labels: list[str]) -> None:
    for label in labels:
        settled, unknown = settle_labels(Filters(labels=(label,)), dict.fromkeys(labels, 1))
        assert label in (*settled.labels, *(name for group in settled.label_spellings for name in group))
        assert unknown == []


TREE = parse_tree(
    """\
format: 1
name: small
labels:
  water:
    labels:
      coast: {labels: {harbor: {synonyms: [port]}, beach: }}
  sport:
    labels:
      courts: {labels: {tennis court: {synonyms: [tennis]}}}
""",
    "small.yaml",
)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("water", {"harbor"}),
        ("coasts", {"harbor"}),
        ("Port", {"harbor"}),
        ("sport", {"tennis court", "Tennis", "tennis"}),
        ("tennis", {"tennis court", "Tennis", "tennis"}),
        ("grass", {"grass"}),
    ],
)
def test_a_label_of_a_tree_stands_for_all_its_names_and_all_below_it(asked: str, found: set[str]) -> None:
    settled, unknown = settle_labels(Filters(labels=(asked,)), KNOWN, TREE)
    assert {*settled.labels, *(label for group in settled.label_spellings for label in group)} == found
    assert unknown == []
    without, _ = settle_labels(Filters(without_labels=(asked,)), KNOWN, TREE)
    assert set(without.without_labels) == found


def test_a_label_of_a_tree_that_no_image_has_is_told() -> None:
    settled, (unknown,) = settle_labels(Filters(labels=("beach",)), KNOWN, TREE)
    assert settled.labels == ("beach",)
    assert unknown.asked == "beach"


@given(st.lists(st.sampled_from(["water", "port", "tennis", "grass", "qqq"]), max_size=4))
def test_an_empty_tree_changes_nothing(labels: list[str]) -> None:
    filters = Filters(labels=tuple(labels))
    assert settle_labels(filters, KNOWN, LabelTree("empty", "", {})) == settle_labels(filters, KNOWN)
