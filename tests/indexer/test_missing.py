"""Tiles whose files went while they were to be captioned wait, and each says why."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.standin.collection import Collection
from tests.standin.fixtures import StandIn
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.errors import OutOfReachError


def away(collection: Collection, after: int) -> Callable[[str, int, int], None]:
    """A progress callback that takes the folder of images away when so many tiles are captioned."""

    def progress(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("caption", after):
            collection.images.rename(collection.images.with_name("away"))

    return progress


def check_every_waiting_tile_says_why(collection: Collection) -> None:
    waiting = list(collection.ledger.scan("pending"))
    assert waiting
    for record in waiting:
        assert record.error == f"cannot read {record.paths[0]}: there is no such file"
    assert set(collection.ledger.waiting()) == {str(record.tile.id) for record in waiting}


def check_all_is_captioned_once_the_folder_is_back(collection: Collection, captioner: VllmCaptioner) -> None:
    collection.images.with_name("away").rename(collection.images)
    report = collection.index(captioner)
    assert (report.complete, report.missing, collection.ledger.waiting()) == (True, {}, {})


def test_the_last_tiles_of_a_run_whose_folder_went_say_why_they_wait(collection: Collection, standin: StandIn) -> None:
    collection.draw(*(f"{number}.png" for number in range(12)))
    captioner = VllmCaptioner(standin.url, concurrency=1)
    report = collection.index(captioner, progress=away(collection, after=1))
    check_every_waiting_tile_says_why(collection)
    assert (report.missing, len(report.missing)) == (collection.ledger.waiting(), report.without_caption)
    check_all_is_captioned_once_the_folder_is_back(collection, captioner)


def test_all_tiles_say_why_they_wait_where_the_run_is_given_up(collection: Collection, standin: StandIn) -> None:
    collection.draw(*(f"{number}.png" for number in range(60)))
    captioner = VllmCaptioner(standin.url, concurrency=1)
    with pytest.raises(OutOfReachError, match="16 files in a row"):
        collection.index(captioner, progress=away(collection, after=1))
    check_every_waiting_tile_says_why(collection)
    assert collection.ledger.counts()["quarantined"] == 0
    check_all_is_captioned_once_the_folder_is_back(collection, captioner)


def test_a_tile_that_has_another_file_left_waits_for_no_missing_one(collection: Collection) -> None:
    collection.draw("a.png")
    (collection.images / "copy.png").write_bytes((collection.images / "a.png").read_bytes())
    collection.describe({})
    collection.index()
    (collection.images / "a.png").unlink()
    assert (collection.index().missing, collection.ledger.waiting()) == ({}, {})


def test_a_reason_goes_when_the_file_is_back_though_nobody_captions_it(collection: Collection) -> None:
    collection.draw("a.png", "b.png")
    collection.describe({})
    collection.index()
    (collection.images / "a.png").rename(collection.images.parent / "aside.png")
    assert list(collection.index().missing.values()) == list(collection.ledger.waiting().values()) != []
    (collection.images.parent / "aside.png").rename(collection.images / "a.png")
    assert (collection.index().missing, collection.ledger.waiting()) == ({}, {})
