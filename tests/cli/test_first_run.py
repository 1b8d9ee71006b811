"""The first run: no flags, no captions, no network."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from trsllava.cli.app import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def images(sample_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dozen pictures of ports and airports, and no captions."""
    folder = tmp_path_factory.mktemp("first") / "images"
    folder.mkdir()
    wanted = [
        path for kind in ("harbor", "marina", "airport", "stadium") for path in sample_archive.rglob(f"{kind}_*")
    ]
    for path in wanted:
        shutil.copy(path, folder / path.name)
    return folder


@pytest.fixture(scope="module")
def home(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first-run") / "home"
    done = run("index", images, "--home", folder)
    assert done.exit_code == 0, done.output
    return folder


def test_words_and_pictures_are_there_at_once(home: Path) -> None:
    found = json.loads(run("query", "an airport with planes", "-k", 1, "--json", "--home", home).stdout)["hits"]
    assert "airport" in found[0]["paths"][0]
    assert set(found[0]["branches"]) == {"dense", "bm25", "image"}


def test_no_picture_is_looked_at_twice(images: Path, tmp_path: Path) -> None:
    """The captioner's vectors are taken: the run spends no time on looking again."""
    stages = run("index", images, "--home", tmp_path / "home").output.splitlines()[-1]
    assert "caption " in stages
    assert "see " not in stages


def test_the_captioner_and_its_confidence_are_told(home: Path) -> None:
    found = json.loads(run("query", "boats in a port", "-k", 1, "--json", "--home", home).stdout)["hits"]
    shown = run("show", found[0]["id"], "--home", home).output
    assert "model     nano-" in shown
    assert "sure" in shown


def test_a_second_run_does_nothing(home: Path, images: Path) -> None:
    again = run("index", images, "--home", home)
    assert again.exit_code == 0
    assert "0 tiles captioned, 0 stored" in again.output


def test_a_collection_captioned_by_others_is_not_mixed_by_leaving_a_flag_out(
    sample_archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    pictures = sorted(sample_archive.rglob("harbor_*"))[:2]
    shutil.copy(pictures[0], folder / pictures[0].name)
    captions = tmp_path / "captions.jsonl"
    captions.write_text(json.dumps({"image": pictures[0].name, "captions": ["a harbor"], "model": "somebody"}))
    home = tmp_path / "home"
    assert run("index", folder, "--captions", captions, "--home", home).exit_code == 0
    shutil.copy(pictures[1], folder / pictures[1].name)
    refused = CliRunner().invoke(app, ["index", str(folder), "--home", str(home)])
    assert refused.exit_code != 0
    assert "come from somebody" in str(refused.exception)
    taken = run("index", folder, "--captioner", "nano", "--home", home)
    assert taken.exit_code == 0
    assert "1 tiles captioned, 1 stored" in taken.output
