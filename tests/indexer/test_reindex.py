"""A rebuild that is killed changes no answer, and one beside queries changes them at one moment."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import trsllava
from indexer.rebuilding import rebuild
from indexer.recovery import settle
from tests.standin.collection import Collection
from tests.standin.encoders import ColourEncoder, WordEncoder
from trsllava.archive import Archive

TILES = 300
QUERIES = ("a harbor", "green trees", "picture 7")
PLACES = ("harbor", "forest", "desert", "village")

REBUILD = """
import sys, trsllava
from indexer.rebuilding import rebuild
from tests.standin.encoders import WordEncoder

def tell(stage, done, total):
    print(stage, done, total, flush=True)

with trsllava.open(sys.argv[1]) as archive, archive.writing():
    print("begun", flush=True)
    rebuild(archive.ledger, archive.store, WordEncoder(sys.argv[2], 48), None, tell)
print("done", flush=True)
"""

Answers = dict[str, list[tuple[str, float]]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection of the encoder `words`; any encoder's name means the tiny one of the tests, of its own numbers."""
    monkeypatch.setattr(Archive, "_load_encoder", lambda self, name: encoder(name))
    images = tmp_path / "images"
    images.mkdir()
    lines = []
    for number in range(TILES):
        pixels = np.random.default_rng(number).integers(0, 255, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).save(images / f"{number}.png")
        captions = [f"green trees at a {PLACES[number % 4]} in picture {number}"]
        lines.append(json.dumps({"image": f"{number}.png", "captions": captions}))
    (images / "captions.jsonl").write_text("\n".join(lines))
    with trsllava.open(tmp_path / "home", encoder="words", image_encoder="none") as archive:
        archive.index(images, captions=images / "captions.jsonl")
    return tmp_path / "home"


def encoder(name: str) -> WordEncoder:
    return WordEncoder(name, 32 if name == "words" else 48)


def ask(archive: Archive, text: str) -> list[tuple[str, float]]:
    return [(str(hit.tile.id), round(hit.score, 4)) for hit in archive.search(text)]


def answers(home: Path) -> Answers:
    with trsllava.open(home) as archive:
        return {text: ask(archive, text) for text in QUERIES}


def start_rebuild(home: Path, encoder: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", REBUILD, str(home), encoder]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ))


@pytest.mark.timeout(600)
def test_ten_kills_change_no_answer(home: Path) -> None:
    before = answers(home)
    rng = random.Random(38)
    for _ in range(10):
        run = start_rebuild(home, "other")
        assert run.stdout is not None
        for _ in range(rng.randrange(1, 4)):  # begun, then a batch or two
            run.stdout.readline()
        threading.Event().wait(rng.random() * 0.2)
        run.send_signal(signal.SIGKILL)
        said, _ = run.communicate()
        with trsllava.open(home) as archive:
            assert archive.status().tiles["stored"] == TILES
            build = archive.store.build()
        if b"done" in said or build:
            break  # it was faster than the kill
        assert answers(home) == before
    last = start_rebuild(home, "third")
    last.communicate()
    assert last.returncode == 0
    after = answers(home)
    assert after != before
    with trsllava.open(home) as archive:
        status = archive.status()
        assert (status.encoder, dict(status.tiles)["stored"], archive.store.count()) == ("third", TILES, TILES)
        assert not list((archive.folder / "store").glob("beside-*"))
        assert len(list((archive.folder / "store").glob("generation-*"))) == 1


def test_queries_beside_a_rebuild_get_the_old_answer_or_the_new_one(home: Path) -> None:
    before = answers(home)
    run = start_rebuild(home, "other")
    found = []
    with trsllava.open(home) as archive:
        while run.poll() is None or len(found) < 50:
            text = QUERIES[len(found) % len(QUERIES)]
            found.append((text, ask(archive, text)))
    run.communicate()
    assert run.returncode == 0
    after = answers(home)
    kinds = ["old" if said == before[text] else "new" if said == after[text] else "between" for text, said in found]
    assert kinds == sorted(kinds, reverse=True)
    assert set(kinds) == {"old", "new"}


class StoppedError(Exception):
    """The process ended here."""


def stop(*_: Any, **__: Any) -> None:
    raise StoppedError


@pytest.mark.parametrize("step", ["begin_build", "swap", "end_build"])
def test_a_rebuild_that_dies_beside_the_swap_is_the_old_one_or_the_new_one(
    home: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answers(home)
    with trsllava.open(home) as archive:
        dies = archive.store if step == "swap" else archive.ledger
        with monkeypatch.context() as patch, archive.writing():
            patch.setattr(dies, step, stop)
            with pytest.raises(StoppedError):
                rebuild(archive.ledger, archive.store, encoder("other"), None, lambda *_: None)
        now = {text: ask(archive, text) for text in QUERIES}
        assert archive.status().tiles["stored"] == TILES
    assert now == answers(home)
    assert (now == before) == (step != "end_build")
    with trsllava.open(home) as archive, archive.writing():  # whoever writes next
        assert archive.ledger.begun_build() is None
        assert not list((archive.folder / "store").glob("beside-*"))
        schema = archive.ledger.schema()
        assert schema is not None
        assert schema.encoder == ("other" if step == "end_build" else "words")
    assert now == answers(home)


def test_the_pictures_that_a_killed_rebuild_saw_are_kept_and_the_old_ones_stay(collection: Collection) -> None:
    collection.paint({"a.png": "red", "b.png": "blue"})
    collection.describe({"a.png": "A red field.", "b.png": "A blue lake."})
    collection.image_encoder = ColourEncoder()
    collection.index()
    ids, other = collection.store.ids(), ColourEncoder("other colours")
    store = collection.store
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "swap", stop)
        with pytest.raises(StoppedError):
            rebuild(collection.ledger, store, collection.encoder, other, lambda *_: None)
    assert collection.ledger.counts()["stored"] == 2
    assert sorted(collection.ledger.image_vectors(ids, "colours")) == ids
    settle(collection.ledger, store)
    assert collection.ledger.counts()["stored"] == 2
    rebuild(collection.ledger, store, collection.encoder, other, lambda *_: None)
    assert other.seen == 2
    assert sorted(collection.ledger.image_vectors(ids, "other colours")) == ids
