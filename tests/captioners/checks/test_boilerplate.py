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
        ("The image is an aerial view of a harbor with cranes.", "A harbor with cranes."),
        ("Aerial view of a harbor at the coast.", "A harbor at the coast."),
        ("high-resolution satellite image of farmland", "Farmland"),
        ("This image provides a view of two runways.", "Two runways."),
        ("The photo offers us a clear overview of a town.", "A town."),
        ("This image is of a stadium.", "A stadium."),
        ("Overall, the image shows a busy port.", "A busy port."),
        ("Overall, this is an image of a busy port.", "A busy port."),
        ("Satellite imagery shows terraced fields.", "Terraced fields."),
        ("The aerial photography reveals that a road ends.", "A road ends."),
        ("The image showcases a marina.", "A marina."),
        ("The scene shows three tanks beside a road.", "Three tanks beside a road."),
        ("An aerial view shows a lake.", "A lake."),
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
        "An aerial tramway crosses the valley.",
        "Aerial masts stand beside a road.",
        "Satellite dishes face the valley.",
        "Overall, the harbor is busy.",
        "Overall the fields are green.",
        "The scene is crossed by a river.",
        "The image is of high quality.",
        "The image shows how a river bends.",
        "In the picture are two ships.",
        "View towers stand on the hill.",
        "A scenic road provides a view of the lake.",
    ],
)
def test_what_speaks_of_things_stays(said: str) -> None:
    assert without_boilerplate(said) == said


OPENINGS = ["This is an image of ", "overall, ", "aerial view of ", "the image shows ", "how "]


@given(st.lists(st.sampled_from([*OPENINGS, "a harbor. ", "A quay, ", "! "])).map("".join))
def test_nothing_is_left_to_take_off_and_never_everything(said: str) -> None:
    left = without_boilerplate(said)
    assert any(letter.isalnum() for letter in left) == any(letter.isalnum() for letter in said)
