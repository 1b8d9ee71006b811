"""What a walk through a folder finds."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.discover import discover
from trsllava.ledger.ledger import Ledger


def picture(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)).save(path)
    return path


@pytest.fixture
def ledger(tmp_path: Path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    picture(tmp_path / "images" / "good.png")
    return tmp_path / "images"


def test_an_empty_file_stops_nothing_and_is_looked_at_again(root: Path, ledger: Ledger) -> None:
    empty = root / "empty.png"
    empty.touch()
    found = discover(root, ledger)
    assert found.new == [(root / "good.png").as_posix()]
    assert "the file is empty" in found.unreadable[empty.as_posix()]
    picture(empty, seed=1)
    assert discover(root, ledger).new == [empty.as_posix()]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_at_all_stops_nothing(root: Path, ledger: Ledger) -> None:
    os.mkfifo(root / "pipe.png")
    found = discover(root, ledger)
    assert len(found.new) == 1
    assert "not a regular file" in found.unreadable[(root / "pipe.png").as_posix()]


def test_rasters_of_formats_that_are_not_read_are_counted(root: Path, ledger: Ledger) -> None:
    for name in ("a.hdf", "b.HDF", "c.img", "notes.txt"):
        (root / name).write_bytes(b"x")
    found = discover(root, ledger)
    assert found.passed_over == {".hdf": 2, ".img": 1}
    assert found.total == 1


def test_a_file_indexed_again_from_a_folder_further_up_is_named_from_there(root: Path, ledger: Ledger) -> None:
    path = picture(root / "port" / "pier.png", seed=2).as_posix()
    discover(root / "port", ledger)
    discover(root, ledger)
    assert ledger.root_of(path) == root.as_posix()
    discover(root / "port", ledger)
    assert ledger.root_of(path) == root.as_posix()
