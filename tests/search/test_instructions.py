"""What captions of one picture would change of each other."""

from __future__ import annotations

from trsllava.search.instructions import Instruction, instructions, things


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


def test_without_answers_everything_is_retained() -> None:
    assert {edit.kind for edit in instructions("a green meadow", [])} == {"retention"}
