"""Tiles captioned with an earlier version of the prompt are told apart and asked about again on demand."""

from __future__ import annotations

import pytest

import prompts
from tests.conftest import Collection
from tests.standin.fixtures import StandIn
from trsllava.captioners.vllm import VllmCaptioner


@pytest.fixture
def old(collection: Collection) -> Collection:
    """Two tiles of rsrt@1, one of somebody else's prompt, one captioned by a person."""
    collection.draw("a.png", "b.png", "c.png", "d.png")
    said = {"variants": [{"caption": "an old crane"}], "model": "m"}
    collection.describe(
        {
            "a.png": {**said, "prompt": "rsrt@1"},
            "b.png": {**said, "prompt": "rsrt@1"},
            "c.png": {**said, "prompt": "theirs@1"},
            "d.png": said,
        }
    )
    collection.index()
    return collection


def test_a_prompt_is_stale_where_ours_has_a_newer_version() -> None:
    assert prompts.is_stale("rsrt@1")
    assert not prompts.is_stale(prompts.load("rsrt").name)
    assert not prompts.is_stale("theirs@1")
    assert not prompts.is_stale("")


def test_stale_tiles_stay_as_they_are_until_they_are_asked_for(old: Collection, standin: StandIn) -> None:
    assert old.index(VllmCaptioner(standin.url)).captioned == 0
    assert old.ledger.prompts() == {"rsrt@1": 2, "theirs@1": 1}


def test_stale_tiles_alone_are_asked_about_again(old: Collection, standin: StandIn) -> None:
    report = old.index(VllmCaptioner(standin.url), recaption_stale=True)
    assert (report.captioned, report.stored, len(standin.asked())) == (2, 2, 2)
    assert old.ledger.prompts() == {prompts.load("rsrt").name: 2, "theirs@1": 1}
    assert old.index(VllmCaptioner(standin.url), recaption_stale=True).captioned == 0


def test_a_stale_text_outlives_a_bad_answer_and_stays_searchable(old: Collection, standin: StandIn) -> None:
    standin.fail("prose", times=-1)
    report = old.index(VllmCaptioner(standin.url), recaption_stale=True)
    assert (report.kept, report.quarantined, report.captioned) == (2, 0, 0)
    assert old.ledger.counts()["stored"] == old.store.count() == 4
    assert old.ledger.prompts()["rsrt@1"] == 2


def test_an_interrupted_re_captioning_goes_on_where_it_was(old: Collection, standin: StandIn) -> None:
    from trsllava.errors import ServerError

    standin.fail("exit", after=1)
    with pytest.raises(ServerError):
        old.index(VllmCaptioner(standin.url, concurrency=1, patience=0.1), recaption_stale=True)
    assert old.ledger.prompts()["rsrt@1"] == 1
    standin.stop()
    standin.start()
    assert old.index(VllmCaptioner(standin.url), recaption_stale=True).captioned == 1
