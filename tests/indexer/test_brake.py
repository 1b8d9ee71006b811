"""A server that fails every request stops the run early and costs no image; one that fails a few stops nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.standin.collection import Collection
from tests.standin.fixtures import StandIn
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.errors import ServerError

FAILURES = (
    *("400", "402", "413", "422", "500", "quota"),
    *("inside 400", "inside 429", "prose", "wrong_schema", "truncated", "refusal"),
)
AT_ONCE = ("402", "quota")
"""No later request can do better."""
NOW_AND_THEN = ("400", "413", "inside 400", "prose")


@pytest.mark.parametrize("kind", FAILURES)
def test_a_server_that_fails_every_request_stops_the_run_and_the_same_command_goes_on(
    collection: Collection, start_standin: Callable[..., StandIn], kind: str
) -> None:
    collection.draw(*(f"{number:03}.png" for number in range(80)))
    collection.describe({})
    collection.index()  # all are known, so that many are asked about at once
    standin = start_standin("--slots", "64")
    standin.fail(kind, times=1000)
    with pytest.raises(ServerError) as stopped:
        collection.index(VllmCaptioner(standin.url, patience=1))
    asked = len(standin.asked())
    assert asked <= 64
    assert ".." not in str(stopped.value)
    assert standin.url in str(stopped.value) or "answers could be used" in str(stopped.value)
    assert collection.ledger.counts()["quarantined"] == 0
    standin.stop()
    standin.start()
    assert collection.index(VllmCaptioner(standin.url)).captioned == 80


@pytest.mark.parametrize("name", ["json_schema", "seed", "temperature", "max_tokens", "detail"])
def test_a_refused_parameter_is_left_out_and_told(
    collection: Collection, start_standin: Callable[..., StandIn], name: str
) -> None:
    collection.draw("a.png", "b.png")
    report = collection.index(VllmCaptioner(start_standin("--refuse", name).url))
    assert (report.captioned, report.quarantined) == (2, 0)
    assert report.left_out == ("image detail" if name == "detail" else name,)


def test_an_empty_account_ends_the_run_at_its_first_answer(
    collection: Collection, start_standin: Callable[..., StandIn]
) -> None:
    collection.draw(*(f"{number}.png" for number in range(8)))
    for kind in AT_ONCE:
        standin = start_standin()
        standin.fail(kind, times=-1)
        with pytest.raises(ServerError, match="no credit left"):
            collection.index(VllmCaptioner(standin.url, concurrency=1))
        assert len(standin.asked()) <= 2
    assert collection.ledger.counts()["pending"] == 8


@pytest.mark.parametrize("kind", NOW_AND_THEN)
def test_the_same_failure_of_one_request_in_twenty_stops_nothing(
    collection: Collection, standin: StandIn, kind: str
) -> None:
    collection.draw(*(f"{number:03}.png" for number in range(60)))
    standin.fail(kind, times=1)
    standin.fail(kind, times=-1, share=0.05)
    report = collection.index(VllmCaptioner(standin.url))
    assert report.captioned + report.quarantined == 60
    assert report.captioned >= 45
    assert report.left_out == ()


def test_a_run_told_to_keep_going_asks_about_every_image(collection: Collection, standin: StandIn) -> None:
    collection.draw(*(f"{number:03}.png" for number in range(45)))
    standin.fail("prose", times=-1)
    report = collection.index(VllmCaptioner(standin.url, keep_going=True))
    assert report.quarantined == 45


def test_several_refused_parameters_are_all_left_out(
    collection: Collection, start_standin: Callable[..., StandIn]
) -> None:
    collection.draw("a.png", "b.png")
    refused = ("json_schema", "json_object", "seed", "temperature", "max_tokens")
    standin = start_standin("--no-system-role", *(word for name in refused for word in ("--refuse", name)))
    report = collection.index(VllmCaptioner(standin.url))
    assert (report.captioned, report.quarantined) == (2, 0)
    assert set(report.left_out) == {*refused, "system role"}
