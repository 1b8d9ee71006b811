"""What words of a query mean: added, removed, changed, kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.search.edits import read_instructions, rewrite, split_negation
from trsllava.search.instructions import Instruction


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("with more boats", [Instruction("addition", "boats")]),
        ("without trees", [Instruction("removal", "trees")]),
        ("no ships and no cars, with a red bridge",
         [Instruction("removal", "ships"), Instruction("removal", "cars"), Instruction("addition", "red bridge")]),
        ("without trees or cars", [Instruction("removal", "trees"), Instruction("removal", "cars")]),
        ("a harbor but no ships", [Instruction("addition", "harbor"), Instruction("removal", "ships")]),
        ("remove the old rusty cranes", [Instruction("removal", "old rusty cranes")]),
        ("change the roof to red", [Instruction("modification", "roof", ("red",))]),
        ("change the pool to an oval pool", [Instruction("modification", "pool", ("oval",))]),
        ("replace the pond with a swimming pool",
         [Instruction("removal", "pond"), Instruction("addition", "swimming pool")]),
        ("turn the field into a lake", [Instruction("removal", "field"), Instruction("addition", "lake")]),
        ("houses instead of trees", [Instruction("removal", "trees"), Instruction("addition", "houses")]),
        ("keep the pond, add boats", [Instruction("retention", "pond"), Instruction("addition", "boats")]),
        ("rectangular", [Instruction("addition", "rectangular")]),
    ],
)  # fmt: skip
def test_words_that_give_instructions(text: str, expected: list[Instruction]) -> None:
    assert read_instructions(text) == expected


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("a harbor with boats", "a harbor with boats", ()),
        ("with boats", "boats", ()),
        ("With", "With", ()),
        ("without trees", "", ("trees",)),
        ("with boats but without trees", "boats", ("trees",)),
        ("a river, no bridges", "river", ("bridges",)),
        ("a northern pier", "a northern pier", ()),
        ("no more than five boats", "no more than five boats", ()),
        ("not only trees", "not only trees", ()),
        ("a no-fly zone", "a no-fly zone", ()),
        ("a drop zone", "a drop zone", ()),
        ("turn lanes to the left of the road", "turn lanes to the left of the road", ()),
    ],
)
def test_what_is_not_wanted_is_told_from_what_is(text: str, wanted: str, unwanted: tuple[str, ...]) -> None:
    assert split_negation(text) == (wanted, unwanted)


CAPTION = "Many boats are docked in the harbor near green trees and a pond. There are white roofs."


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("with cranes", f"{CAPTION[:-1]}. There is cranes."),
        ("without trees", "Many boats are docked in the harbor and a pond. There are white roofs."),
        (
            "change the roof to red",
            "Many boats are docked in the harbor near green trees and a pond. There is red roof.",
        ),
        ("keep the pond", CAPTION),
        ("keep the lighthouse", f"{CAPTION[:-1]}. There is lighthouse."),
        (
            "palms instead of trees",
            "Many boats are docked in the harbor and a pond. There are white roofs. There is palms.",
        ),
    ],
)
def test_captions_are_rewritten(text: str, rewritten: str) -> None:
    assert rewrite(CAPTION, read_instructions(text)) == rewritten


def test_nothing_may_be_left() -> None:
    assert rewrite("green trees", read_instructions("no trees")) == ""


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    wanted, unwanted = split_negation(text)
    assert all(unwanted)
    assert unwanted or wanted.strip() == text.strip() or text.strip().endswith(wanted)
    rewrite(CAPTION, read_instructions(text))


@given(st.sampled_from(["trees", "boats", "a pond", "white roofs", "the harbor"]))
def test_a_removed_thing_is_named_no_more(thing: str) -> None:
    edits = read_instructions(f"without {thing}")
    once = rewrite(CAPTION, edits)
    assert thing.split()[-1].removesuffix("s") not in once
    assert rewrite(once, edits) == once
