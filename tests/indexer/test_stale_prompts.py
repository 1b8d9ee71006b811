"""Tiles captioned with an earlier version of the prompt are told apart and asked about again on demand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import prompts
from tests.standin.collection import Collection
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


@pytest.fixture
def stale_twins(collection: Collection) -> Collection:
    """One picture in two sizes, each with a text of its own of rsrt@1."""
    coarse = np.random.default_rng(1).integers(0, 255, (12, 12, 3), np.uint8)
    large = Image.fromarray(coarse).resize((160, 160), Image.Resampling.BICUBIC)
    large.save(collection.images / "a.png")
    large.resize((120, 120), Image.Resampling.LANCZOS).save(collection.images / "b.png")
    said = {"model": "m", "prompt": "rsrt@1"}
    collection.describe(
        {
            "a.png": {**said, "variants": [{"caption": "an old crane"}]},
            "b.png": {**said, "variants": [{"caption": "an old quay"}]},
        }
    )
    collection.index()
    return collection


def test_where_one_twin_keeps_its_stale_text_the_other_is_asked_about_and_not_given_that(
    stale_twins: Collection, standin: StandIn
) -> None:
    standin.fail("prose", times=3)
    report = stale_twins.index(VllmCaptioner(standin.url), recaption_stale=True, dedupe=True)
    assert (report.kept, report.captioned, report.copied) == (1, 1, 0)
    texts = {Path(record.paths[0]).name: record.text for record in stale_twins.ledger.scan()}
    kept, asked = texts["a.png"], texts["b.png"]
    assert kept is not None
    assert kept.variants[0].caption == "an old crane"
    assert asked is not None
    assert (asked.prompt, asked.copied_from) == (prompts.load("rsrt").name, None)


def test_a_new_copy_of_a_picture_with_a_stale_text_is_asked_about(stale_twins: Collection, standin: StandIn) -> None:
    Image.open(stale_twins.images / "a.png").save(stale_twins.images / "c.jpg", quality=90)
    report = stale_twins.index(VllmCaptioner(standin.url), dedupe=True)
    assert (report.captioned, report.copied) == (1, 0)


def test_stale_twins_are_asked_about_once(stale_twins: Collection, standin: StandIn) -> None:
    report = stale_twins.index(VllmCaptioner(standin.url), recaption_stale=True, dedupe=True)
    assert (report.captioned, report.copied, len(standin.asked())) == (1, 1, 1)
