"""The sample archive and parts of it, indexed and not, for the commands to work on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.conftest import MakeOnce
from trsllava.cli.app import app


@pytest.fixture(scope="session")
def copy_scenes(sample_archive: Path) -> Callable[[Path, int], Path]:
    """Copy the first scenes of the sample archive, with their captions, into a new folder, and give it back."""

    def copy(folder: Path, count: int) -> Path:
        lines = (sample_archive / "captions.jsonl").read_text(encoding="utf-8").splitlines()[:count]
        for line in lines:
            name = json.loads(line)["image"]
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(sample_archive / name, folder / name)
        (folder / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")
        return folder

    return copy


@pytest.fixture(scope="session")
def archive(copy_scenes: Callable[[Path, int], Path], make_once: MakeOnce) -> Path:
    """Twenty-four scenes of the sample archive, with their captions. Read only."""
    return make_once("archive", lambda folder: copy_scenes(folder, 24))


@pytest.fixture(scope="session")
def indexed_archive(archive: Path, make_once: MakeOnce) -> Path:
    """A home with these scenes in its default collection. Read only: copy it to change it."""

    def index(home: Path) -> None:
        command = ("index", archive, "--captions", archive / "captions.jsonl", "--home", home)
        done = CliRunner().invoke(app, [str(word) for word in command], catch_exceptions=False)
        assert done.exit_code == 0, done.output

    return make_once("indexed-archive", index)
