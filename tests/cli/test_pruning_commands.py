"""Pruning, keeping and compacting as a person types them, and what `index` says of files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from trsllava.cli.app import app
from trsllava.errors import PruneRefusedError, UnknownCollectionError


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def index(tmp_path: Path) -> tuple[object, ...]:
    """The command that indexes a folder of three captioned images."""
    images = tmp_path / "images"
    images.mkdir()
    lines = []
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 255, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).save(images / f"{number}.png")
        lines.append(json.dumps({"image": f"{number}.png", "captions": [f"crane {number}"]}))
    (tmp_path / "captions.jsonl").write_text("\n".join(lines))
    command = ("index", images, "--captions", tmp_path / "captions.jsonl", "--image-encoder", "none")
    assert run(*command).exit_code == 0
    return command


def test_pruning_an_emptied_folder_needs_yes_and_what_comes_back_needs_no_captions(
    index: tuple[object, ...], tmp_path: Path
) -> None:
    images, aside = tmp_path / "images", tmp_path / "aside"
    images.rename(aside)
    images.mkdir()
    with pytest.raises(PruneRefusedError, match="3 images are known") as refused:
        run(*index, "--prune")
    assert refused.value.exit_code == 2
    assert "3 vanished files removed" in run(*index, "--prune", "--yes").output

    images.rmdir()
    aside.rename(images)
    (tmp_path / "captions.jsonl").write_text("")
    back = run(*index).output
    assert "3 tiles are back and keep their earlier text." in back
    assert "0 tiles captioned, 3 stored" in back


def test_compacting_forgets_the_captions_of_removed_images(index: tuple[object, ...], tmp_path: Path) -> None:
    (tmp_path / "images" / "0.png").unlink()
    run(*index, "--prune")
    assert run("collections", "compact", "default").output == "Forgot the captions of 1 removed tiles.\n"
    assert run("collections", "compact", "default").output == "Forgot the captions of 0 removed tiles.\n"
    assert "2 tiles" in run("collections", "list").output
    with pytest.raises(UnknownCollectionError):
        run("collections", "compact", "none")


def test_index_tells_of_thumbnails_links_and_flat_images(index: tuple[object, ...], tmp_path: Path) -> None:
    images = tmp_path / "images"
    (images / "@eaDir").mkdir()
    (images / "loop").symlink_to(images)
    Image.new("RGB", (8, 8)).save(images / "black.png")
    said = run(*index).output
    assert "folders of thumbnails or deleted files (1 @eaDir)" in said
    assert "1 linked folders not followed" in said
    assert "1 tiles skipped: they hold too little data, or a single value" in said


def test_status_and_show_say_why_a_tile_waits_and_name_the_living_file_first(
    index: tuple[object, ...], tmp_path: Path
) -> None:
    images = tmp_path / "images"
    Image.new("RGB", (8, 8), "teal").save(images / "new.png")
    run(*index)
    (images / "new.png").unlink()
    assert "1 without their file" in run(*index).output
    assert f"cannot read {images}/new.png: there is no such file" in run("status").output

    (images / "0.png").rename(images / "renamed.png")
    run(*index)
    hits = json.loads(run("query", "crane 0", "-k", 3, "--json").stdout)["hits"]
    (hit,) = [hit for hit in hits if len(hit["paths"]) == 2]
    assert [Path(path).name for path in hit["paths"]] == ["renamed.png", "0.png"]
    files = [line for line in run("show", hit["id"]).output.splitlines() if "file" in line]
    assert files[0].endswith("renamed.png")
