"""Whatever a server does on the wire, every image ends stored or quarantined with a reason, none asked for twice."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trsllava
from indexer.job import IndexReport
from tests.standin.collection import Collection
from tests.standin.process import StandIn
from trsllava.captioners.vllm import VllmCaptioner

FAULTS: dict[str, dict[str, Any]] = {
    "429": {"retry_after": "0.05"},
    "503": {"retry_after": "0.05"},
    "500": {"retry_after": "0.05"},
    "reset": {},
    "cut_reply": {},
    "half_json": {},
    "hang": {},
    "truncated": {},
    "blank": {},
    "prose": {},
    "wrong_schema": {},
    "too_few": {},
    "repeated": {},
    "empty_text": {},
    "control": {},
}
USABLE = (None, "control")
"""Faults that leave an answer good."""
LONG_S = 10.0
"""Far longer than an answer takes on a busy machine: one that comes too late is asked for again."""


def captioner(standin: StandIn, **options: Any) -> VllmCaptioner:
    return VllmCaptioner(standin.url, concurrency=32, **options)


def draw(collection: Collection, images: int) -> None:
    collection.draw(*(f"{number:04}.png" for number in range(images)))


def check_every_image_is_settled(collection: Collection, report: IndexReport, images: int) -> None:
    counts = collection.ledger.counts()
    assert counts["stored"] + counts["quarantined"] == images
    assert report.captioned == report.stored == counts["stored"] == collection.store.count()
    assert report.quarantined == counts["quarantined"]
    assert report.service.usage.requests >= report.captioned
    assert all(record.error for record in collection.ledger.scan("quarantined"))


def check_no_good_answer_was_asked_for_again(collection: Collection, standin: StandIn) -> None:
    good = Counter(request["image"] for request in standin.asked() if request["fault"] in USABLE)
    assert set(good.values()) == {1}
    partly_good = collection.ledger.ids_with_fewer_variants()
    assert len(good) + len(partly_good) == collection.ledger.counts()["stored"]


@pytest.mark.parametrize("kind", FAULTS)
def test_one_kind_of_fault(collection: Collection, start_standin: Callable[..., StandIn], kind: str) -> None:
    draw(collection, 40)
    standin = start_standin("--slots", "64")
    standin.fail(kind, times=-1, share=0.25, **FAULTS[kind])
    patience = {"timeout": LONG_S} if kind == "hang" else {}
    report = collection.index(captioner(standin, **patience))
    check_every_image_is_settled(collection, report, 40)
    check_no_good_answer_was_asked_for_again(collection, standin)


def test_all_faults_mixed(collection: Collection, start_standin: Callable[..., StandIn]) -> None:
    draw(collection, 200)
    standin = start_standin("--slots", "64")
    for kind, conditions in FAULTS.items():
        standin.fail(kind, times=-1, share=0.04, **conditions)
    report = collection.index(captioner(standin, timeout=LONG_S))
    check_every_image_is_settled(collection, report, 200)
    check_no_good_answer_was_asked_for_again(collection, standin)
    assert {request["fault"] for request in standin.asked()} == {*FAULTS, None}

    asked = len(standin.asked())
    again = collection.index(captioner(standin, timeout=LONG_S))
    assert (again.captioned, again.stored, len(standin.asked())) == (0, 0, asked)


def test_a_server_that_is_killed_and_comes_back_loses_no_image(
    collection: Collection, start_standin: Callable[..., StandIn]
) -> None:
    draw(collection, 60)
    standin = start_standin("--service-time", "0.05", "--slots", "4")

    def restart(stage: str, done: int, total: int) -> None:
        if (stage, done) in (("caption", 15), ("caption", 30)):
            standin.stop()
            standin.start()

    report = collection.index(captioner(standin), progress=restart)
    assert (report.captioned, report.quarantined) == (60, 0)
    check_every_image_is_settled(collection, report, 60)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux' prlimit, which lets a test fill a disk")
def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(
    collection: Collection, tmp_path: Path, start_standin: Callable[..., StandIn]
) -> None:
    draw(collection, 60)
    home = tmp_path / "full"
    standin = start_standin("--service-time", "0.1", "--slots", "4")
    run = index(collection.images, home, standin)
    wait_until(lambda: len(answered(home)) > 8 or run.poll() is not None)
    resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (4096, 4096))
    _, complaint = run.communicate()
    assert run.returncode == 5, complaint
    assert "Check that the disk has room" in complaint

    before, asked = answered(home), len(standin.asked())
    assert 8 < len(before) < 60
    again = index(collection.images, home, standin)
    again.communicate()
    assert again.returncode == 0
    assert len(standin.asked()) - asked == 60 - len(before)
    after = answered(home)
    assert len(after) == 60
    assert {tile: after[tile] for tile in before} == before


def test_a_killed_indexer_asks_for_no_kept_answer_again_though_the_server_errs(
    collection: Collection, tmp_path: Path, start_standin: Callable[..., StandIn]
) -> None:
    draw(collection, 60)
    home = tmp_path / "killed"
    standin = start_standin("--service-time", "0.1", "--slots", "4")
    standin.fail("503", times=-1, share=0.2, retry_after="0.01")
    standin.fail("prose", times=-1, share=0.1)
    run = index(collection.images, home, standin)
    wait_until(lambda: len(answered(home)) > 8)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    before, asked = answered(home), len(standin.asked())
    index(collection.images, home, standin).communicate()
    after = answered(home)
    assert {tile: after[tile] for tile in before} == before
    good = {request["image"] for request in standin.asked()[asked:] if request["fault"] is None}
    assert len(good) == len(after) - len(before)
    with trsllava.open(home) as archive:
        assert archive.status().tiles["pending"] == 0


def index(images: Path, home: Path, standin: StandIn) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "trsllava", "index", str(images), "--home", str(home), "--captioner", "vllm"]
    return subprocess.Popen(
        [*command, "--base-url", standin.url, "--concurrency", "4"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answered(home: Path) -> dict[str, str]:
    """What each captioned tile says."""
    with trsllava.open(home) as archive:
        if not archive.exists():
            return {}
        return {str(record.tile.id): record.text.model_dump_json() for record in archive.ledger.scan() if record.text}


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "what was waited for never came"
        time.sleep(0.01)
