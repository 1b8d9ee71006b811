"""Captions of one picture become instructions, attribute sentences and keywords."""

from __future__ import annotations

from trsllava.training.far import Instruction, instructions, pseudo_dialogues, things


def test_things_have_the_looks_that_stand_before_them() -> None:
    found = things("many green trees and white buildings are near a long curved road with cars")
    assert found == {"tree": ("green",), "building": ("white",), "road": ("long", "curved"), "car": ()}


def test_the_four_kinds_of_instruction() -> None:
    query = "a stadium near a road with white houses and green trees"
    answers = ["a stadium with a blue swimming pool near a wide road", "green trees are around a stadium"]
    assert instructions(query, answers) == [
        Instruction("addition", "swimming pool", ("blue",)),
        Instruction("retention", "stadium"),
        Instruction("modification", "road", ("wide",)),
        Instruction("removal", "house", ("white",)),
        Instruction("retention", "tree", ("green",)),
    ]


def test_instructions_in_words() -> None:
    edits = instructions("a road with houses", ["a wide road with a red bridge"])
    assert [edit.text() for edit in edits] == [
        "Add visible red bridge",
        "Change the road to wide road",
        "Remove house",
    ]
    assert [edit.sentence() for edit in edits] == ["There is red bridge", "There is wide road", ""]


def test_equal_captions_give_retention_only() -> None:
    (dialogue,) = pseudo_dialogues(["a green meadow"] * 5)
    assert dialogue == ("a green meadow", "There is green meadow")
    assert {edit.kind for edit in instructions("a green meadow", [])} == {"retention"}


def test_each_caption_plays_the_query_once() -> None:
    dialogues = pseudo_dialogues(["a pond", "a pond near a bridge", "a pond"])
    assert dialogues == [
        ("a pond", "There is bridge. There is pond"),
        ("a pond near a bridge", "There is pond"),
    ]


def test_a_caption_without_keywords_is_left_as_it_is() -> None:
    assert pseudo_dialogues(["what is this"]) == [("what is this", "")]
