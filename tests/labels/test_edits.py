"""Changes to a tree."""

from __future__ import annotations

import pytest

from trsllava.errors import LabelFileError
from trsllava.labels.edits import add, add_word, keep_apart, label_of, merge, move, remove, rename
from trsllava.labels.file import dump_tree, faults_of
from trsllava.labels.tree import LabelTree


def test_a_new_label_lies_under_the_one_named(small: LabelTree) -> None:
    assert add(small, "river", "inland water").labels["river"].path == ("water", "inland water", "river")
    assert add(small, "sky", None).labels["sky"].level == 1


def test_a_merged_label_lives_on_as_synonyms_and_tags(small: LabelTree) -> None:
    merged = label_of(merge(small, "lake", "reservoir"), "lake")
    assert merged.synonyms == ("artificial lake", "lake")
    assert len(merged.osm) == 2


@pytest.mark.parametrize(
    ("gone", "kept", "classes"), [("beach", "lake", (80, 60)), ("lake", "beach", (60,)), ("lake", "reservoir", (80,))]
)
def test_a_merged_label_keeps_the_classes_of_land_cover_that_held_for_it(
    small: LabelTree, gone: str, kept: str, classes: tuple[int, ...]
) -> None:
    assert merge(small, gone, kept).worldcover(kept) == classes


def test_what_lies_below_a_merged_label_moves_along(small: LabelTree) -> None:
    merged = merge(small, "sea and coast", "inland water")
    assert merged.labels["beach"].path == ("water", "inland water", "beach")
    assert merged.labels["inland water"].synonyms == ("sea and coast",)


def test_a_moved_label_takes_along_what_lies_below_it(small: LabelTree) -> None:
    assert move(small, "railways", "water").labels["train station"].path == ("water", "railways", "train station")


def test_an_old_name_stays_as_a_synonym(small: LabelTree) -> None:
    renamed = rename(small, "railways", "rail")
    assert renamed.labels["rail"].synonyms == ("railways",)
    assert renamed.labels["train station"].path == ("transport", "rail", "train station")
    assert rename(small, "lake", "Lakes").labels["Lakes"].synonyms == ()


@pytest.mark.parametrize(
    "refused",
    [
        lambda tree: add(tree, "Lakes", "sea and coast"),
        lambda tree: add(tree, "bay", "beach"),
        lambda tree: add(tree, "bay", "atlantis"),
        lambda tree: add_word(tree, "beach", "lake"),
        lambda tree: merge(tree, "lake", "lakes"),
        lambda tree: merge(tree, "lake", "water"),
        lambda tree: merge(tree, "transport", "lake"),
        lambda tree: move(tree, "water", "inland water"),
        lambda tree: move(tree, "railways", "inland water"),
        lambda tree: rename(tree, "lake", "beach"),
        lambda tree: remove(tree, "water"),
        lambda tree: keep_apart(tree, "lake", "Lakes"),
    ],
)
def test_what_would_make_no_tree_is_refused(small: LabelTree, refused: object) -> None:
    assert callable(refused)
    with pytest.raises(LabelFileError, match=r"\.$"):
        refused(small)


def test_every_change_leaves_a_sound_tree(small: LabelTree) -> None:
    tree = add_word(small, "resevoir", "reservoir")
    tree = keep_apart(tree, "lake", "lagoon")
    for changed in (tree, remove(tree, "beach"), merge(tree, "lake", "reservoir"), rename(tree, "water", "waters")):
        assert faults_of(dump_tree(changed)) == []
