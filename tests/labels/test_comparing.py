"""What differs between two trees."""

from __future__ import annotations

from functools import partial

import pytest

from trsllava.labels.comparing import differences
from trsllava.labels.edits import Edit, add, add_word, merge, move, remove, rename
from trsllava.labels.tree import LabelTree


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (partial(add, name="river", under="inland water"), ["added river under inland water"]),
        (partial(remove, word="beach"), ["removed beach"]),
        (partial(add_word, word="mere", to="lake"), ["lake: synonyms + mere"]),
        (partial(move, word="railways", under="water"), ["moved railways to water"]),
        (partial(rename, word="railways", name="rail"), ["renamed railways to rail", "rail: synonyms + railways"]),
    ],
)
def test_each_change_is_told(small: LabelTree, edit: Edit, said: list[str]) -> None:
    assert [one.sentence() for one in differences(small, edit(small))] == said


def test_a_merged_label_is_told_apart_from_a_removed_one(small: LabelTree) -> None:
    said = [one.sentence() for one in differences(small, merge(small, "lake", "reservoir"))]
    assert "merged lake into reservoir" in said


def test_the_same_trees_do_not_differ(small: LabelTree) -> None:
    assert differences(small, small) == []
