"""Pictures on the command line: indexed, searched by, looked at again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import trsllava
from tests.training.tiny_clip import save_tiny_clip
from trsllava.cli.app import app
from trsllava.errors import CollectionMismatchError, InputError


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def images(copy_scenes: Callable[[Path, int], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve scenes of the sample archive, with their captions."""
    return copy_scenes(tmp_path_factory.mktemp("hybrid") / "images", 12)


@pytest.fixture
def few(copy_scenes: Callable[[Path, int], Path], tmp_path: Path) -> Path:
    """Four of them, for a test that indexes them itself."""
    return copy_scenes(tmp_path / "few", 4)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip") / "clip"
    save_tiny_clip(folder)
    return folder


@pytest.fixture(scope="module")
def home(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with the scenes in its default collection, seen by nano."""
    folder = tmp_path_factory.mktemp("home") / "home"
    done = run("index", images, "--captions", images / "captions.jsonl", "--home", folder)
    assert done.exit_code == 0, done.output
    return folder


def hits(*arguments: object) -> list[dict[str, object]]:
    found = json.loads(run("query", *arguments, "--json").stdout)["hits"]
    assert isinstance(found, list)
    return found


def test_an_index_without_flags_has_image_vectors(home: Path) -> None:
    assert "image encoder: nano" in run("status", "--home", home).output
    (first, *_) = hits("a road", "--home", home)
    assert set(first["branches"]) == {"dense", "bm25", "image"}  # type: ignore[call-overload]


def test_a_picture_finds_itself_in_every_format(home: Path, images: Path, tmp_path: Path) -> None:
    picture = sorted(images.rglob("*.png"))[0]
    asked = ("query", "--image", picture, "-k", 2, "--home", home)
    document = json.loads(run(*asked, "--json").stdout)
    assert document["query"] == str(picture)
    assert document["hits"][0]["paths"] == [str(picture)]
    (row, _) = csv.DictReader(io.StringIO(run(*asked, "--csv").stdout))
    assert float(row["image_score"]) > 0.99
    assert json.loads(run(*asked, "--geojson").stdout)["features"][0]["properties"]["image_rank"] == 1
    assert "image 1" in run(*asked).output
    assert run(*asked, "--html", tmp_path / "hits.html").exit_code == 0
    assert "Image #1" in (tmp_path / "hits.html").read_text(encoding="utf-8")


def test_a_second_look_shows_in_every_format(home: Path, clip: Path, tmp_path: Path) -> None:
    asked = ("query", "a wide road", "--rerank", clip, "--rerank-top", 3, "-k", 5, "--home", home)
    found = json.loads(run(*asked, "--json").stdout)["hits"]
    looked_at = [hit["branches"]["rerank"]["rank"] for hit in found]
    assert {1, 2, 3} >= {rank for rank in looked_at if rank is not None}
    rows = list(csv.DictReader(io.StringIO(run(*asked, "--csv").stdout)))
    assert [row["rerank_rank"] for row in rows] == ["" if rank is None else str(rank) for rank in looked_at]
    assert "rerank" in run(*asked).output
    assert run(*asked, "--html", tmp_path / "hits.html").exit_code == 0
    assert "Second look" in (tmp_path / "hits.html").read_text(encoding="utf-8")


def test_a_clip_with_random_weights_indexes_searches_and_reranks(few: Path, clip: Path, tmp_path: Path) -> None:
    where = ("--home", tmp_path / "home")
    assert run("index", few, "--captions", few / "captions.jsonl", "--image-encoder", clip, *where).exit_code == 0
    assert f"image encoder: {clip}" in run("status", *where).output
    picture = sorted(few.rglob("*.png"))[0]
    assert hits("--image", picture, "-k", 1, *where)[0]["paths"] == [str(picture)]
    (first, *_) = hits("a road", "--rerank", clip, *where)
    assert set(first["branches"]) == {"dense", "bm25", "image", "rerank"}  # type: ignore[call-overload]


def test_image_vectors_can_be_left_out_and_made_later(few: Path, tmp_path: Path) -> None:
    where = ("--home", tmp_path / "home")
    run("index", few, "--captions", few / "captions.jsonl", "--image-encoder", "none", *where)
    assert set(hits("a road", *where)[0]["branches"]) == {"dense", "bm25"}  # type: ignore[call-overload]
    with pytest.raises(
        CollectionMismatchError, match=r"built with no image encoder.*`reindex\(image_encoder='nano-\w{8}'\)`"
    ):
        trsllava.open(tmp_path / "home", image_encoder="nano").search("a road")
    done = run("reindex", "--image-encoder", "nano", *where)
    assert "4 tiles stored" in done.output
    assert "see " in done.output
    assert "image" in hits("a road", *where)[0]["branches"]  # type: ignore[operator]


def test_what_cannot_be_asked_is_one_sentence(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="The query is empty"):
        run("query", "--home", home)
    with pytest.raises(InputError, match="there is no such file"):
        run("query", "--image", tmp_path / "nowhere.png", "--home", home)
