import pytest

from trsllava.captioners.checks.directions import fault
from trsllava.records import RichCaption, RichText


def said(*captions: str) -> str:
    return fault(RichText(variants=tuple(RichCaption(caption=caption) for caption in captions)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A lake lies on the left.", "A lake on the right side of the picture."),
        ("The stadium is in the north.", "The stadium is located in the southern part."),
        ("One round pond, at the top edge.", "There is a small pond at the bottom."),
        ("A church stands in the western part.", "The old church can be seen in the east."),
    ],
)
def test_one_thing_on_opposite_sides_is_a_contradiction(one: str, other: str) -> None:
    found = said(one, "Houses and trees.", other)
    assert "has the" in found
    assert "variant 1" in found
    assert "variant 3" in found
    assert said(one, one) == ""


@pytest.mark.parametrize(
    "captions",
    [
        ("A lake on the left.", "A lake at the top."),
        ("A lake on the left.", "Two lakes. A lake on the right."),
        ("A lake on the left.", "A lake on the left and another lake on the right."),
        ("A house on the left. A house on the right.", "A house on the right."),
        ("A house on the left of the road.", "A house on the right of the river."),
        ("A road runs from the left to the right.", "A road runs from the right to the left."),
        ("Trees on the left.", "Trees on the right."),
        ("A pond in the upper left corner.", "A pond in the lower left corner."),
        ("The river is in the north.", "The bridge is in the south."),
    ],
)
def test_what_can_be_true_together_is_none(captions: tuple[str, ...]) -> None:
    assert said(*captions) == ""
