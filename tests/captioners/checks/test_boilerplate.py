import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.captioners.checks.boilerplate import without_boilerplate


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("This is an image of a harbor.", "A harbor."),
        ("This is a high-resolution aerial photo of two ships.", "Two ships."),
        ("The image shows a harbor with cranes.", "A harbor with cranes."),
        ("The satellite image clearly depicts farmland.", "Farmland."),
        ("In this image, there are three ships.", "There are three ships."),
        ("In the picture we can see that a bridge crosses a river.", "A bridge crosses a river."),
        ("An aerial view of a stadium.", "A stadium."),
        ("Here is a bird's-eye view showing an airport.", "An airport."),
        ("A quay. The picture also shows two cranes.", "A quay. Two cranes."),
    ],
)
def test_openings_about_the_picture_are_taken_off(said: str, left: str) -> None:
    assert without_boilerplate(said) == left


@pytest.mark.parametrize(
    "said",
    [
        "A harbor with two cranes.",
        "The picture is divided by a river.",
        "A house with a view of the sea.",
        "This is a small parking lot.",
        "The image shows",
        "Six tanks in the middle of the image.",
    ],
)
def test_what_speaks_of_things_stays(said: str) -> None:
    assert without_boilerplate(said) == said


@given(
    st.lists(st.sampled_from(["This is an image of ", "the image shows ", "a harbor. ", "A quay, ", "! "])).map(
        "".join
    )
)
def test_nothing_is_left_to_take_off_and_never_everything(said: str) -> None:
    left = without_boilerplate(said)
    assert any(letter.isalnum() for letter in left) == any(letter.isalnum() for letter in said)
