"""Captioning begins at once: tiles are drawn while the folder is being walked, and nothing else is other for it."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import indexer.storing
from indexer.discover import Discovering
from indexer.progress import no_progress
from tests.standin.collection import Collection
from tests.standin.fixtures import StandIn
from trsllava.captioners.protocol import CaptionAnswer, CaptionJob
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.errors import PruneRefusedError
from trsllava.records import Filters, Recipe, RichCaption, RichText
from trsllava.store.embedded import EmbeddedStore

_PATIENCE = 60.0


class Gate:
    """Holds the walk up before it lists a folder, until it is opened."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._opened = threading.Event()
        real = os.scandir

        def scandir(path: Any) -> Any:
            if str(path) == str(folder):
                assert self._opened.wait(_PATIENCE), "the walk had to end before anything was captioned"
            return real(path)

        monkeypatch.setattr(os, "scandir", scandir)

    def open(self) -> None:
        self._opened.set()


class Scribe:
    """A captioner that opens something at its first, or another, question, and notes what it is asked."""

    name, prompt = "scribe", ""

    def __init__(self, opens: Callable[[], None] = lambda: None, opens_at: int = 1) -> None:
        self._opens, self._opens_at = opens, opens_at
        self.asked: list[str] = []

    def caption(self, jobs: Iterable[CaptionJob]) -> Iterator[CaptionAnswer]:
        for job in jobs:
            self.asked.append(Path(job.paths[0]).name)
            if len(self.asked) == self._opens_at:
                self._opens()
            text = RichText(variants=(RichCaption(caption=f"the answer about {self.asked[-1]}"),))
            yield CaptionAnswer(str(job.tile.id), text)


@pytest.fixture
def folders(collection: Collection) -> Collection:
    collection.draw(*(f"{folder}/{folder}{number}.png" for folder in "ab" for number in range(3)))
    return collection


def test_the_first_tile_is_asked_for_while_the_folder_is_being_walked(
    folders: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    scribe = Scribe(Gate(folders.images / "b", monkeypatch).open)
    assert (report := folders.index(scribe)).complete
    assert scribe.asked == ["a0.png", "a1.png", "a2.png", "b0.png", "b1.png", "b2.png"]
    assert (len(report.files.new), report.captioned, report.stored) == (6, 6, 6)


def test_a_model_server_is_asked_while_the_folder_is_being_walked(
    folders: Collection, monkeypatch: pytest.MonkeyPatch, standin: StandIn
) -> None:
    gate = Gate(folders.images / "b", monkeypatch)

    def open_once_asked() -> None:
        while not standin.asked():
            time.sleep(0.01)
        gate.open()

    opener = threading.Thread(target=open_once_asked, daemon=True)
    opener.start()
    report = folders.index(VllmCaptioner(standin.url))
    assert (report.captioned, len(standin.asked())) == (6, 6)


def test_what_an_earlier_run_left_waiting_is_asked_for_before_the_walk_comes_to_it(
    folders: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders.describe({})
    folders.index()
    scribe = Scribe(Gate(folders.images, monkeypatch).open, opens_at=6)
    folders.index(scribe)
    assert scribe.asked == ["a0.png", "a1.png", "a2.png", "b0.png", "b1.png", "b2.png"]


def test_a_run_that_goes_on_asks_before_it_opens_the_store(folders: Collection) -> None:
    """A large one takes seconds to open. Here somebody has it until the first question is asked."""
    folders.describe({"a/a0.png": "a crane"})
    folders.index()
    folders.store.delete(folders.store.ids())  # as if it had been killed before it was stored
    elsewhere = EmbeddedStore(folders.images.parent / "home" / "store")
    reading = ExitStack()
    reading.enter_context(elsewhere.session())
    scribe = Scribe(reading.close)
    report = folders.index(scribe)
    assert (report.captioned, report.stored) == (5, 6)
    assert folders.ledger.counts()["stored"] == folders.store.count() == 6


def test_a_file_that_was_changed_while_it_waited_is_asked_about_as_it_is_now(folders: Collection) -> None:
    folders.describe({})
    folders.index()
    (folders.images / "a" / "a1.png").write_bytes((folders.images / "b" / "b2.png").read_bytes() + b"\0")
    (folders.images / "a" / "a2.png").touch()
    (folders.images / "b" / "b0.png").unlink()
    scribe = Scribe()
    folders.index(scribe, prune=True)
    assert sorted(scribe.asked) == ["a0.png", "a1.png", "a2.png", "b1.png", "b2.png"]
    assert folders.ledger.counts()["stored"] == folders.store.count() == 5
    assert folders.ledger.counts()["pending"] == 0


def test_a_picture_found_again_once_it_is_stored_is_found_by_both_its_paths(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer.storing, "BATCH", 1)
    names = [f"{number}.png" for number in range(6)]
    collection.draw(*(f"a/{name}" for name in names))
    (collection.images / "b").mkdir()
    for name in names:
        (collection.images / "b" / name).write_bytes((collection.images / "a" / name).read_bytes())
    scribe = Scribe(Gate(collection.images / "b", monkeypatch).open, opens_at=6)
    collection.index(scribe)
    assert len(scribe.asked) == 6
    for folder in "ab":
        assert collection.store.count(Filters(sources=((collection.images / folder).as_posix(),))) == 6
    assert collection.ledger.counts()["stored"] == 6


def copied(collection: Collection, pictures: int, copies: int) -> None:
    """Pictures, each in several folders."""
    names = [f"{number}.png" for number in range(pictures)]
    collection.draw(*(f"0/{name}" for name in names))
    for copy in range(1, copies):
        shutil.copytree(collection.images / "0", collection.images / str(copy))


def test_tiles_with_many_paths_are_stored_a_few_at_a_time(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in memory of a batch is mostly paths, and pictures may lie in hundreds of places."""
    monkeypatch.setattr(indexer.storing, "_MOST_PATHS", 7)
    copied(collection, pictures=5, copies=3)
    stored: list[int] = []
    collection.index(Scribe(), progress=lambda stage, done, _: stored.append(done) if stage == "store" else None)
    assert stored == [2, 4, 5]
    assert collection.store.count(Filters(sources=((collection.images / "2").as_posix(),))) == 5


def test_a_tile_with_more_paths_than_a_batch_holds_is_stored(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer.storing, "_MOST_PATHS", 2)
    copied(collection, pictures=2, copies=3)
    assert collection.index(Scribe()).stored == 2
    assert collection.index(Scribe()).stored == 0


def test_the_store_is_optimised_once_the_sources_of_its_tiles_would_fill_the_memory(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    optimised: list[int] = []

    class Store(EmbeddedStore):
        def optimize(self) -> None:
            optimised.append(self.count())
            super().optimize()

    collection.store = Store(collection.images.parent / "home" / "store")
    monkeypatch.setattr(indexer.storing, "BATCH", 1)
    copied(collection, pictures=4, copies=2)
    monkeypatch.setattr(indexer.storing, "_MOST_SOURCES", 2 * len((collection.images / "0" / "0.png").parents))
    collection.index(Scribe())
    assert len(optimised) > 1  # it always is at the end
    assert optimised[-1] == 4


def test_a_tile_found_at_another_path_while_it_is_being_stored_is_yet_to_be_stored_with_it(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer.storing, "BATCH", 1)
    collection.draw("a.png")
    collection.describe({})
    collection.index()
    (record,) = collection.ledger.scan()
    tile_id, (path,) = str(record.tile.id), record.paths
    collection.ledger.record_text(tile_id, RichText(variants=(RichCaption(caption="a crane"),)))
    file = collection.ledger.files_at([path])[path]
    with indexer.storing.StoringStage(
        collection.ledger, collection.store, collection.encoder, None, no_progress
    ) as storing:
        storing.add(tile_id)
        collection.ledger.record_file(replace(file, path=f"{path}.copy.png"), [record.tile])
        storing.flush()
        assert collection.ledger.ids("captioned") == [tile_id]
    assert collection.index(Scribe()).stored == 1


def test_progress_counts_files_and_captions_and_their_total_once_it_is_known(
    folders: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int, int]] = []
    folders.index(
        Scribe(Gate(folders.images / "b", monkeypatch).open, opens_at=3), progress=lambda *now: told.append(now)
    )
    assert ("caption", 1, 0) in told
    assert told.index(("caption", 1, 0)) < told.index(("discover", 6, 6))
    assert [now for now in told if now[0] == "caption"][-1] == ("caption", 6, 6)


def test_what_was_captioned_before_pruning_is_refused_is_kept(folders: Collection) -> None:
    folders.index(Scribe())
    (folders.images / "b").rename(folders.images.parent / "b")
    (folders.images / "b").mkdir()
    folders.draw("a/new.png")
    scribe = Scribe()
    with pytest.raises(PruneRefusedError, match="contains no image now"):
        folders.index(scribe, prune=True)
    assert folders.ledger.counts()["stored"] + folders.ledger.counts()["pending"] == 7
    assert folders.ledger.counts()["stored"] == 6 + len(scribe.asked)


def test_an_error_in_the_walk_ends_the_run_with_it(folders: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    def scandir(path: Any) -> Any:
        raise MemoryError

    folders.index(Scribe())
    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(MemoryError):
        folders.index(Scribe())


def test_a_walk_that_nobody_waits_for_ends(folders: Collection) -> None:
    with Discovering(folders.images, folders.ledger, Recipe()):
        pass
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(("discovering", "looking"))]


def test_of_a_scene_and_others_tiles_are_drawn_one_scene_after_the_other(collection: Collection) -> None:
    for name in ("x", "y"):
        pixels = np.random.default_rng(list(name.encode())).integers(0, 255, (64, 64, 3), np.uint8)
        Image.fromarray(pixels).save(collection.images / f"{name}.png")
    scribe = Scribe()
    collection.index(scribe, recipe=Recipe(tile=32, overlap=0))
    assert scribe.asked == ["x.png"] * 4 + ["y.png"] * 4
