import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.captioners.checks.repetition import looped


@pytest.mark.parametrize(
    "said",
    [
        "ships ships ships ships",
        "A ship and a crane and a ship and a crane and a ship and a crane and a ship and a crane and so on.",
        "xxxxxxxxxxxxxxxxxxxx",
        "abababababababababab",
        "Cars are parked in rows. A road. Cars are parked in rows. A tree. Cars are parked in rows.",
    ],
)
def test_loops_are_found(said: str) -> None:
    assert looped(said)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Many many houses stand close together.",
        "Row after row after row of houses.",
        "A ship lies at the quay. Another ship lies at the pier. A third ship lies in the basin.",
        "A road. A tree. A road. A tree. A road.",
        "................",
    ],
)
def test_emphasis_and_enumeration_are_no_loops(said: str) -> None:
    assert not looped(said)


@given(phrase=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12), times=st.integers(4, 8))
def test_any_phrase_said_four_times_on_end_is_a_loop(phrase: list[str], times: int) -> None:
    assert looped(" ".join(phrase * times))


@given(st.lists(st.integers(), unique=True, max_size=60))
def test_words_that_are_all_different_are_none(numbers: list[int]) -> None:
    assert not looped(" ".join(f"w{abs(number)}{'m' * (number < 0)}q" for number in numbers if abs(number) < 10**6))
