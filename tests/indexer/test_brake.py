"""A server that fails every request stops the run early and costs no image; one that fails a few stops nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Collection
from tests.standin.fixtures import StandIn
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.errors import ServerError

FAILURES = ("400", "402", "404", "413", "422", "inside 400", "inside 402", "prose", "wrong_schema", "refusal")


@pytest.mark.parametrize("kind", FAILURES)
def test_a_server_that_fails_every_request_stops_the_run_and_the_same_command_goes_on(
    collection: Collection, start_standin: Callable[..., StandIn], kind: str
) -> None:
    collection.draw(*(f"{number:03}.png" for number in range(80)))
    standin = start_standin("--slots", "64")
    standin.fail(kind, times=64)
    with pytest.raises(ServerError) as stopped:
        collection.index(VllmCaptioner(standin.url, patience=1))
    asked = len(standin.asked())
    assert asked <= 64
    assert ".." not in str(stopped.value)
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
