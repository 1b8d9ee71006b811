"""From one scheme of labels to another."""

from __future__ import annotations

from trsllava.labels.edits import rename
from trsllava.labels.file import parse_tree, read_tree
from trsllava.labels.mapping import Match, to_scheme, to_tree
from trsllava.labels.tree import LabelTree


def test_labels_map_to_worldcover_by_themselves_or_by_what_is_above(small: LabelTree) -> None:
    found = {match.label: match for match in to_scheme(small, "worldcover")}
    assert found["lake"] == Match("lake", "80 permanent water", "above")
    assert found["beach"] == Match("beach", "60 bare or sparse vegetation", "given")
    assert "train station" not in found


def test_labels_map_to_their_tags(small: LabelTree) -> None:
    assert Match("lake", "natural=water water=lake", "given") in set(to_scheme(small, "osm"))


def test_labels_map_to_another_tree_by_name_tag_or_what_is_above(small: LabelTree) -> None:
    other = parse_tree(
        "format: 1\nname: o\nlabels:\n"
        "  water:\n    labels:\n      fresh: {labels: {basin: {osm: [landuse=reservoir]}}}\n",
        "o",
    )
    found = {match.label: (match.other, match.by) for match in to_tree(small, other)}
    assert found["water"] == ("water", "name")
    assert found["reservoir"] == ("basin", "tag")
    assert found["lake"] == ("water", "above")
    assert "railways" not in found


def test_a_tree_maps_to_a_renamed_copy_of_itself() -> None:
    tree = read_tree("overhead")
    found = {match.label: match for match in to_tree(tree, rename(tree, "harbor", "seaport"))}
    assert len(found) == len(tree)
    assert found["harbor"] == Match("harbor", "seaport", "name")
