from __future__ import annotations

from pathlib import Path

import pytest

from trsllava.ledger.files import FileRow
from trsllava.ledger.ledger import Ledger
from trsllava.ledger.quality import Outcome
from trsllava.records import Rendering, RichCaption, RichText, Tile, Verdict, Window
from trsllava.tile_id import tile_id

TEXT = RichText(variants=(RichCaption(caption="two cranes on a quay"),), prompt="rsrt@1", repairs=("boilerplate",))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """With tiles 0 to 3, all pending."""
    made = Ledger(tmp_path / "ledger.sqlite")
    for number in range(4):
        content, window = f"{number:02}", Window(0, 0, 8, 8)
        tile = Tile(id=tile_id(content, window, Rendering()), sha256=content, window=window)
        made.record_file(FileRow(f"/i/{content}.png", "/i", 1, 1, content, Rendering().key()), [tile])
    return made


def test_refusals_are_retries_but_the_last_of_a_quarantined_tile(ledger: Ledger) -> None:
    mended, bad, *_ = ledger.ids("pending")
    ledger.note_refusals(mended, ("schema", "compass"))
    ledger.record_text(mended, TEXT)
    ledger.note_refusals(bad, ("compass", "compass"))
    ledger.note_refusals(bad, ("language",))
    ledger.quarantine(bad, "it is German", "{…}")
    assert ledger.outcomes() == {
        "boilerplate": Outcome(repaired=1),
        "compass": Outcome(retried=3),
        "language": Outcome(quarantined=1),
        "schema": Outcome(retried=1),
    }
    assert ledger.record(bad).refusals == ("compass", "compass", "language")


def test_a_released_tile_is_pending_and_its_reason_counts_as_a_retry(ledger: Ledger) -> None:
    bad, good, *_ = ledger.ids("pending")
    ledger.note_refusals(bad, ("language",))
    ledger.quarantine(bad, "it is German", "{…}", attempts=3)
    ledger.record_text(good, TEXT)
    ledger.release([bad, good])
    assert (ledger.record(bad).state, ledger.record(bad).attempts) == ("pending", 3)
    assert ledger.record(good).state == "captioned"
    assert ledger.outcomes()["language"] == Outcome(retried=1)


def test_tiles_are_found_by_their_prompt(ledger: Ledger) -> None:
    first, second, *_ = ledger.ids("pending")
    ledger.record_text(first, TEXT)
    ledger.record_text(second, TEXT.model_copy(update={"prompt": ""}))
    assert ledger.prompts() == {"rsrt@1": 1}
    assert ledger.ids_prompted("rsrt@1") == [first]


def test_a_later_verdict_replaces_the_earlier_one_of_the_same_reviewer(ledger: Ledger) -> None:
    tile, *_ = ledger.ids("pending")
    said = Verdict(tile_id=tile, reviewer="anna", verdict="accept", text_digest="d")
    ledger.record_verdicts([said, said.model_copy(update={"reviewer": "ben"})])
    ledger.record_verdicts([said.model_copy(update={"verdict": "reject", "note": "no crane"})])
    assert [(v.reviewer, v.verdict, v.note) for v in ledger.verdicts()] == [
        ("anna", "reject", "no crane"),
        ("ben", "accept", ""),
    ]


def test_fingerprints_are_kept_and_empty_ones_are_not_computed_again(ledger: Ledger) -> None:
    first, second, *others = ledger.ids("pending")
    ledger.set_fingerprints({first: "ff", second: ""})
    assert list(ledger.fingerprints()) == [(first, "ff")]
    assert ledger.without_fingerprint() == others
