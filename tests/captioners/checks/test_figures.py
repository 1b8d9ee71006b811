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
        ("two ships", "two ships"),
        ("40 percent water", "40 percent water"),
    ],
)
def test_clauses_with_figures_go_and_a_text_never_goes_whole(said: str, left: str) -> None:
    assert without_figures(said) == left


@pytest.mark.parametrize("said", ["40% water", "a pool of 14 pixels", "a car at (3, 4)", "a tenth, 10 per cent"])
def test_what_could_not_be_taken_out_is_named(said: str) -> None:
    assert "speaks in figures" in fault(RichText(variants=(RichCaption(caption=said),)))


@pytest.mark.parametrize("said", ["three by four tanks", "24 tanks in 4 rows", "a runway with the number 27"])
def test_counts_are_no_figures(said: str) -> None:
    assert fault(RichText(variants=(RichCaption(caption=said),))) == ""


@given(st.text("a 1%,.;()[]p", max_size=60).map(lambda text: " ".join(text.split())))
def test_taking_figures_out_twice_changes_nothing_more(said: str) -> None:
    once = without_figures(said)
    assert without_figures(once) == once
    assert bool(once) == bool(said)
