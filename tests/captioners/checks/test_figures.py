import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.captioners.checks.figures import fault, without_figures
from trsllava.records import RichCaption, RichText


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("A harbor with ships, covering about 40% of the picture.", "A harbor with ships."),
        ("Trees (roughly 12.5 percent) line the road.", "Trees line the road."),
        ("A river bends. About 60 % of it is water. Two boats lie there.", "A river bends. Two boats lie there."),
        ("A pool at [120, 40, 180, 90], next to a house.", "A pool at [120, 40, 180, 90], next to a house."),
        ("A pool, at (12, 34), next to a house.", "A pool, next to a house."),
        ("A road; it is 14 pixels wide; two cars.", "A road, two cars."),
        ("A quay. At x=120, y=300 there is a ship.", "A quay."),
        ("A quay with a ship, at x = 120, y = 300, and a crane.", "A quay with a ship, and a crane."),
        ("A ship at 48.2 N, 16.3 E near a quay. Two cranes.", "Two cranes."),
        ("A ship (48°12'30\" N, 16°22' E) near a quay.", "A ship near a quay."),
        ("two ships", "two ships"),
        ("40 percent water", "40 percent water"),
    ],
)
def test_clauses_with_figures_go_and_a_text_never_goes_whole(said: str, left: str) -> None:
    assert without_figures(said) == left


@pytest.mark.parametrize(
    "said",
    [
        "40% water",
        "a pool of 14 pixels",
        "a car at (3, 4)",
        "a tenth, 10 per cent",
        "At x=120, y=300 there is a ship.",
        "a ship at x: 120, y: 300",
        "A ship at 48.2 N, 16.3 E near a quay.",
        "A ship at 48 N, 16 E near a quay.",
        "a quay at 48.2° north",
        "a quay at latitude 48.2",
        "a quay at coordinates 120, 300",
    ],
)
def test_what_could_not_be_taken_out_is_named(said: str) -> None:
    assert "speaks in figures" in fault(RichText(variants=(RichCaption(caption=said),)))


@pytest.mark.parametrize(
    "said",
    [
        "three by four tanks",
        "24 tanks in 4 rows",
        "a runway with the number 27",
        "two rows, 3 east of the road and 4 west of it",
        "a road that turns by 90 degrees",
        "a 45° bend, north of 2 silos",
        "a long quay of 300 m",
        "a runway marked 27 W",
        "taxiway Y: 3 planes",
    ],
)
def test_counts_are_no_figures(said: str) -> None:
    assert fault(RichText(variants=(RichCaption(caption=said),))) == ""


@given(st.text("a 1%,.;()[]p", max_size=60).map(lambda text: " ".join(text.split())))
def test_taking_figures_out_twice_changes_nothing_more(said: str) -> None:
    once = without_figures(said)
    assert without_figures(once) == once
    assert bool(once) == bool(said)
