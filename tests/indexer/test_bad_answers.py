"""A model's bad answers end mended, asked for again, or quarantined with a reason, and the counts add up."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.standin.collection import Collection
from tests.standin.fixtures import StandIn
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.records import CheckName

MENDED: dict[str, CheckName] = {
    "control": "unreadable",
    "boilerplate": "boilerplate",
    "percent": "figures",
    "too_many": "variants",
}
REFUSED: dict[str, CheckName] = {
    "truncated": "schema",
    "blank": "schema",
    "prose": "schema",
    "wrong_schema": "schema",
    "too_few": "schema",
    "empty_text": "empty",
    "refusal": "refusal",
    "loop": "repetition",
    "german": "language",
    "compass": "compass",
    "repeated": "variants",
    "opposite": "directions",
}


PARTLY_GOOD = ("truncated", "too_few", "empty_text", "repeated", "opposite")
"""Faults of an answer that holds good variants beside the bad ones."""


@pytest.fixture
def one(collection: Collection) -> Collection:
    collection.draw("a.png")
    return collection


@pytest.mark.parametrize(("fault", "check"), MENDED.items())
def test_what_can_be_mended_costs_no_second_question(
    one: Collection, standin: StandIn, fault: str, check: CheckName
) -> None:
    standin.fail(fault)
    report = one.index(VllmCaptioner(standin.url))
    assert (report.stored, report.repairs, len(standin.asked())) == (1, {check: 1}, 1)
    (record,) = one.ledger.scan()
    assert record.text is not None
    assert record.text.repairs == (check,)
    assert not any(word in record.text.model_dump_json() for word in ("image", "40%", "\\u0007"))


@pytest.mark.parametrize(("fault", "check"), REFUSED.items())
def test_what_cannot_is_asked_for_again(one: Collection, standin: StandIn, fault: str, check: CheckName) -> None:
    standin.fail(fault, times=2)
    report = one.index(VllmCaptioner(standin.url))
    assert (report.stored, report.quarantined, report.refusals) == (1, 0, {check: 2})
    outcome = one.ledger.outcomes()[check]
    assert (outcome.repaired, outcome.retried, outcome.quarantined) == (0, 2, 0)


@pytest.mark.parametrize("fault", PARTLY_GOOD)
def test_what_is_good_of_answers_that_stay_bad_is_kept_flagged_and_asked_again_on_request(
    one: Collection, standin: StandIn, fault: str
) -> None:
    standin.fail(fault, times=-1)
    report = one.index(VllmCaptioner(standin.url))
    assert (report.stored, report.quarantined, report.repairs["fewer variants"]) == (1, 0, 1)
    (record,) = one.ledger.scan()
    assert record.text is not None
    assert 1 <= len(record.text.variants) < 5
    assert one.ledger.ids_with_fewer_variants() == [str(record.tile.id)]
    asked = len(standin.asked())
    assert one.index(VllmCaptioner(standin.url)).stored == 0
    assert len(standin.asked()) == asked


@pytest.mark.parametrize(
    ("fault", "check"), [(fault, check) for fault, check in REFUSED.items() if fault not in PARTLY_GOOD]
)
def test_what_stays_bad_is_quarantined_with_reason_and_answer(
    one: Collection, standin: StandIn, fault: str, check: CheckName
) -> None:
    standin.fail(fault, times=-1)
    report = one.index(VllmCaptioner(standin.url))
    assert (report.stored, report.quarantined, report.reasons) == (0, 1, {check: 1})
    (record,) = one.ledger.scan("quarantined")
    assert record.refusals == (check,) * 3
    assert record.error
    assert record.raw_answer
    outcome = one.ledger.outcomes()[check]
    assert (outcome.retried, outcome.quarantined) == (2, 1)


def test_a_mix_of_faults_leaves_every_tile_stored_or_quarantined_and_the_counts_add_up(
    collection: Collection, standin: StandIn
) -> None:
    collection.draw(*(f"{number:02}.png" for number in range(60)))
    for after, fault in enumerate([*MENDED, *REFUSED, "400"]):
        standin.fail(fault, times=7, after=3 * after)
    report = collection.index(VllmCaptioner(standin.url))
    counts = collection.ledger.counts()
    records = list(collection.ledger.scan())
    assert counts["stored"] + counts["quarantined"] == 60
    assert counts["stored"] == report.captioned == report.stored == collection.store.count()
    assert report.quarantined == sum(report.reasons.values()) == counts["quarantined"]
    assert len(standin.asked()) == report.captioned + sum(report.refusals.values())
    assert report.refusals == Counter(reason for record in records for reason in record.refusals)
    outcomes = collection.ledger.outcomes()
    assert sum(outcome.retried + outcome.quarantined for outcome in outcomes.values()) == sum(report.refusals.values())
    assert {name: outcome.repaired for name, outcome in outcomes.items() if outcome.repaired} == report.repairs
    assert all(record.error and record.refusals for record in records if record.state == "quarantined")


def test_a_check_that_is_skipped_refuses_nothing(one: Collection, standin: StandIn) -> None:
    standin.fail("compass", times=-1)
    assert one.index(VllmCaptioner(standin.url, skip_checks=("compass",))).stored == 1


def test_imported_captions_are_counted_and_left_as_they_are(one: Collection) -> None:
    one.describe({"a.png": "This is an image of a harbor in the north."})
    report = one.index()
    assert (report.stored, report.import_faults) == (1, {"compass": 1})
    (record,) = one.ledger.scan()
    assert record.text is not None
    assert record.text.variants[0].caption.startswith("This is an image")
