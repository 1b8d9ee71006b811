import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.agreement import Agreement, agreement, wilson_interval


def test_the_interval_of_a_worked_case() -> None:
    """8 of 10: Wilson's 95 % interval is 0.4902 to 0.9433."""
    low, high = wilson_interval(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)


def test_all_accepted_is_not_certainty() -> None:
    low, high = wilson_interval(10, 10)
    assert (round(low, 4), high) == (0.7225, 1.0)


def test_nothing_judged_has_no_interval() -> None:
    with pytest.raises(ValueError, match="nothing was judged"):
        wilson_interval(0, 0)


@given(judged=st.integers(1, 500), share=st.floats(0, 1))
def test_the_share_lies_in_its_interval_and_more_verdicts_narrow_it(judged: int, share: float) -> None:
    accepted = round(share * judged)
    low, high = wilson_interval(accepted, judged)
    assert 0 <= low <= accepted / judged + 1e-12
    assert accepted / judged - 1e-12 <= high <= 1
    wider = wilson_interval(accepted * 4, judged * 4)
    assert wider[1] - wider[0] < high - low


def verdicts(said: str) -> dict[str, str]:
    return {str(number): letter for number, letter in enumerate(said) if letter != "-"}


def test_kappa_of_a_worked_case() -> None:
    """20 and 15 of 50 agreed on; shares 25/50 and 30/50: observed 0.7, chance 0.5, kappa 0.4 (Wikipedia's example)."""
    found = agreement(
        verdicts("a" * 20 + "a" * 5 + "r" * 10 + "r" * 15), verdicts("a" * 20 + "r" * 5 + "a" * 10 + "r" * 15)
    )
    assert found is not None
    assert (found.tiles, found.observed, round(found.kappa or 0, 12)) == (50, 0.7, 0.4)


def test_only_tiles_that_both_judged_count() -> None:
    assert agreement(verdicts("aa-r"), verdicts("a-rr")) == Agreement(2, 1.0, 1.0)
    assert agreement(verdicts("a--"), verdicts("-a-")) is None


def test_kappa_is_not_defined_where_chance_agrees_on_everything() -> None:
    assert agreement(verdicts("aaa"), verdicts("aaa")) == Agreement(3, 1.0, None)


@given(st.text("ar", min_size=1), st.data())
def test_kappa_is_symmetric_and_one_at_most(first: str, data: st.DataObject) -> None:
    second = data.draw(st.text("ar", min_size=len(first), max_size=len(first)))
    one, other = (agreement(verdicts(a), verdicts(b)) for a, b in ((first, second), (second, first)))
    assert one is not None
    assert other is not None
    assert one == other or one.kappa == pytest.approx(other.kappa)
    assert one.kappa is None or one.kappa <= 1
