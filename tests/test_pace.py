import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trsllava.pace import Pace


@given(st.integers(1, 200), st.lists(st.sampled_from(["answered", "overloaded"]), max_size=200))
def test_the_limit_stays_between_one_and_the_ceiling(ceiling, events):
    pace = Pace(ceiling)
    for number, event in enumerate(events, start=1):
        pace._sent = number
        pace.answered() if event == "answered" else pace.overloaded(number)
        assert 1 <= pace.limit <= ceiling


@given(st.integers(1, 40), st.lists(st.booleans(), min_size=1, max_size=120))
def test_no_more_are_under_way_than_allowed_and_everyone_has_a_turn(ceiling, fates):
    pace = Pace(ceiling)
    served = 0

    async def request(fails: bool) -> None:
        nonlocal served
        number = await pace.acquire()
        assert pace.under_way <= ceiling
        await asyncio.sleep(0)
        pace.overloaded(number) if fails else pace.answered()
        served += 1
        pace.release()

    async def run() -> None:
        await asyncio.gather(*map(request, fates))

    asyncio.run(run())
    assert served == len(fates)
    assert pace.under_way == 0


def test_requests_lost_together_cut_the_limit_once():
    async def run() -> float:
        pace = Pace(100)
        numbers = [await pace.acquire() for _ in range(50)]
        for number in numbers:
            pace.overloaded(number)
        return pace.limit

    assert asyncio.run(run()) == pytest.approx(70)


def test_a_round_of_answers_widens_the_limit_by_a_sixteenth_of_the_ceiling():
    pace = Pace(160)
    pace.overloaded(1)
    before = pace.limit
    for _ in range(int(before)):
        pace.answered()
    assert pace.limit - before == pytest.approx(10, rel=0.1)


def test_whoever_gives_up_waiting_takes_no_turn():
    async def run() -> int:
        pace = Pace(1)
        await pace.acquire()
        impatient, patient = asyncio.ensure_future(pace.acquire()), asyncio.ensure_future(pace.acquire())
        await asyncio.sleep(0)
        impatient.cancel()
        pace.release()
        return await patient

    assert asyncio.run(run()) == 2
