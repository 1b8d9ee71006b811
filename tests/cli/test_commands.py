"""The commands as a person types them; some in processes of their own, whose streams no test holds."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import trsllava
from tests.typed import typed
from trsllava.captioners.imported import read_rich_texts
from trsllava.cli.app import app


def run(*arguments: object) -> Result:
    """Run a command in this process; errors of ours come out as they are."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def shell(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "trsllava", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)


@pytest.fixture(scope="module")
def home(indexed_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two dozen scenes in its default collection."""
    folder = tmp_path_factory.mktemp("cli") / "home"
    shutil.copytree(indexed_archive, folder)
    return folder


@pytest.fixture
def scenes(copy_scenes: Callable[[Path, int], Path], tmp_path: Path) -> Path:
    """Four scenes of the sample archive, with their captions."""
    return copy_scenes(tmp_path / "scenes", 4)


def test_index_tells_what_it_did_and_does_it_once(home: Path, archive: Path) -> None:
    again = run("index", archive, "--captions", archive / "captions.jsonl", "--home", home)
    assert "24 images: 0 new, 0 changed, 24 unchanged" in again.output
    assert "0 tiles captioned, 0 stored" in again.output


def test_query_finds_the_scene_that_was_drawn(home: Path, archive: Path) -> None:
    texts = read_rich_texts(archive / "captions.jsonl")
    found = json.loads(run("query", "harbor with cranes", "-k", 3, "--json", "--home", home).stdout)
    best = Path(found["hits"][0]["paths"][0]).relative_to(archive).as_posix()
    assert "harbor" in texts[best].labels


def test_slips_are_repaired_and_told_unless_words_are_to_be_exact(home: Path) -> None:
    slipped = run("query", "habor with crains", "-k", 3, "--json", "--home", home)
    assert "Searched for: harbor with cranes. Use --exact-words" in slipped.stderr
    found = json.loads(slipped.stdout)
    meant = json.loads(run("query", "harbor with cranes", "-k", 3, "--json", "--home", home).stdout)
    assert (found["query"], found["searched"]) == ("habor with crains", "harbor with cranes")
    assert found["hits"] == meant["hits"]
    assert "searched" not in meant
    exact = run("query", "habor with crains", "-k", 3, "--json", "--exact-words", "--home", home)
    assert "Searched for" not in exact.stderr
    assert json.loads(exact.stdout)["hits"] != meant["hits"]


def test_in_python_an_archive_tells_how_it_takes_a_query(home: Path) -> None:
    with trsllava.open(home) as archive:
        found = archive.search("habor", k=3)
        assert (found.understood.searched, found.understood.changes) == ("harbor", {"habor": "harbor"})
        assert found == archive.search("harbor", k=3)
    with trsllava.open(home, repair=False) as archive:
        assert archive.understand("habor").searched == "habor"


def test_query_prints_a_table_with_the_matching_words(home: Path) -> None:
    output = run("query", "harbor with cranes", "-k", 2, "--home", home).output
    assert "harbor" in output
    assert "dense" in output


def test_query_formats_are_what_they_claim(home: Path, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("query", "planes", "-k", 4, "--csv", "--home", home).stdout)))
    assert len(rows) == 4
    features = json.loads(run("query", "planes", "-k", 4, "--geojson", "--home", home).stdout)
    assert features["type"] == "FeatureCollection"
    assert len(features["features"]) == 4
    page = tmp_path / "hits.html"
    assert run("query", "planes", "--html", page, "--home", home).exit_code == 0
    assert "data:image/jpeg;base64," in page.read_text(encoding="utf-8")


def test_query_filters_by_label_place_and_time(home: Path) -> None:
    def hits(*options: object) -> list[dict[str, object]]:
        output = run("query", "anything", "-k", 24, "--json", "--home", home, *options).stdout
        return list(json.loads(output)["hits"])

    assert len(hits()) == 24
    assert all("harbor" in hit["labels"] for hit in hits("--where", "label=harbor"))  # type: ignore[operator]
    placed = hits("--bbox", "-180,-90,180,90")
    assert 0 < len(placed) < 24
    assert hits("--time", "1900") == []
    assert 0 < len(hits("--time", "2000/..")) < 24


def test_no_hit_is_said_and_is_no_error(home: Path) -> None:
    result = run("query", "harbor", "--where", "label=glacier-tongue", "--home", home)
    assert result.exit_code == 0
    assert "No image fits" in result.output
    assert "No image has the label 'glacier-tongue'. The nearest:" in result.output


def test_show_takes_the_beginning_of_an_id(home: Path) -> None:
    (hit, *_) = json.loads(run("query", "harbor", "--json", "--home", home).stdout)["hits"]
    output = run("show", hit["id"][:8], "--home", home).output
    assert hit["id"] in output
    assert "variant 5" in output


def test_status_counts_tiles_by_state(home: Path) -> None:
    assert "24 stored" in run("status", "--home", home).output
    assert json.loads(run("status", "--json", "--home", home).stdout)["tiles"]["stored"] == 24


def test_export_gives_back_what_was_imported(home: Path, archive: Path, tmp_path: Path) -> None:
    assert run("export", "-o", tmp_path / "out.jsonl", "--home", home).exit_code == 0
    exported, drawn = read_rich_texts(tmp_path / "out.jsonl"), read_rich_texts(archive / "captions.jsonl")
    assert exported == drawn


def test_collections_are_listed_and_deleted(scenes: Path, tmp_path: Path) -> None:
    options = ("--captions", scenes / "captions.jsonl", "--home", tmp_path, "--collection", "two")
    assert run("index", scenes, *options).exit_code == 0
    assert run("collections", "list", "--home", tmp_path).output == "two: 4 tiles\n"
    assert run("collections", "delete", "two", "--yes", "--home", tmp_path).exit_code == 0
    assert "No collection yet" in run("collections", "list", "--home", tmp_path).output


def test_a_dry_run_tells_the_work_and_writes_nothing(sample_archive: Path, tmp_path: Path) -> None:
    result = run("index", sample_archive, "--dry-run", "--home", tmp_path / "home")
    assert "60 new" in result.output
    assert "MB of disk" in result.output
    assert not (tmp_path / "home").exists()


def test_doctor_says_what_works(home: Path) -> None:
    result = run("doctor", "--home", home)
    assert result.exit_code == 0
    assert "24 tiles" in result.output


def test_doctor_says_what_does_not_and_what_to_do(home: Path) -> None:
    result = run("doctor", "--home", home, "--base-url", "http://127.0.0.1:9/v1")
    assert result.exit_code == 1
    assert "FAIL  model server" in result.output
    assert "ok    vector store" in result.output


QUALITY = (
    ("quarantine", "list"),
    ("quarantine", "retry"),
    ("quarantine", "accept"),
    ("review", "import"),
    ("review", "report"),
)


def test_every_command_shows_examples_in_its_help() -> None:
    for command in (
        "index",
        "query",
        "show",
        "status",
        "export",
        "reindex",
        "doctor",
        "sample",
        "duplicates",
        "review",
    ):
        assert "Example" in run(command, "--help").output
    for group, command in (("collections", "list"), ("collections", "delete"), ("eval", "retrieval"), *QUALITY):
        assert "Example" in run(group, command, "--help").output


# Bad input: one clear sentence, the right exit code, nothing else lost


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that an error is."""
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: ")
    return line


def test_a_query_before_any_index_says_what_to_do() -> None:
    done = shell("query", "harbor")
    assert done.returncode == 2
    assert "trsllava index" in sentence(done)


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "c.jsonl").write_text("")
    done = typed("index", tmp_path / "images", "--captions", tmp_path / "c.jsonl")
    assert done.returncode == 2
    assert "holds no image" in sentence(done)


def test_damaged_files_and_malformed_captions_are_named_and_the_rest_is_indexed(scenes: Path) -> None:
    (scenes / "text.jpg").write_text("no picture at all")
    victim = min(path for path in scenes.rglob("*.jpg") if path.name != "text.jpg")
    victim.write_bytes(victim.read_bytes()[:2000])
    captions = scenes / "captions.jsonl"
    lines = captions.read_text(encoding="utf-8").splitlines()
    lines.insert(3, '{"image": "broken.png", "captions": [')
    lines.append('{"image": "not/there.png", "captions": ["a ship"]}')
    captions.write_text("\n".join(lines), encoding="utf-8")
    done = typed("index", scenes, "--captions", captions)
    assert done.returncode == 1, done.stderr
    assert "text.jpg" in done.stdout
    assert victim.name in done.stdout
    assert "captions.jsonl, line 4" in done.stdout
    assert "not/there.png" in done.stdout
    assert "3 stored" in done.stdout


def test_an_unreachable_model_server(sample_archive: Path) -> None:
    done = shell("index", sample_archive, "--captioner", "vllm", "--base-url", "http://127.0.0.1:9/v1", "--model", "m")
    assert done.returncode == 6
    assert "http://127.0.0.1:9/v1" in sentence(done)


def test_an_unreachable_qdrant_server(scenes: Path) -> None:
    done = typed("index", scenes, "--captions", scenes / "captions.jsonl", "--qdrant-url", "http://127.0.0.1:9")
    assert done.returncode == 6
    assert "http://127.0.0.1:9" in sentence(done)


def test_a_wrong_dimension(home: Path, tmp_path: Path) -> None:
    copied = tmp_path / "home"
    shutil.copytree(home, copied)
    from trsllava.ledger.builds import CollectionSchema
    from trsllava.ledger.ledger import Ledger

    ledger = Ledger(copied / "collections" / "default" / "ledger.sqlite")
    ledger.set_schema(CollectionSchema(encoder="BAAI/bge-base-en", dense_dim=768, average_length=9))
    ledger.close()
    done = typed("query", "harbor", "--home", copied, "--encoder", "sentence-transformers/all-MiniLM-L6-v2")
    assert done.returncode == 3
    assert "768 dimensions" in sentence(done)
    assert "trsllava reindex" in sentence(done)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a place that cannot be written")
def test_a_home_that_cannot_be_written(sample_archive: Path) -> None:
    done = typed("index", sample_archive, "--captions", sample_archive / "captions.jsonl", "--home", "/proc/home")
    assert done.returncode == 5
    assert "--home" in sentence(done)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, too small for a ledger of four scenes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192k", "none", folder], check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="needs mount")
def test_a_home_on_a_full_disk_and_then_on_a_larger_one(scenes: Path, small_disk: Path) -> None:
    command = ("index", scenes, "--captions", scenes / "captions.jsonl", "--home", small_disk / "home")
    full = shell(*command)
    assert full.returncode == 5
    assert "room" in sentence(full)
    subprocess.run(["mount", "-o", "remount,size=200m", small_disk], check=True)
    larger = shell(*command)
    assert larger.returncode == 0, larger.stderr
    assert "4 stored" in larger.stdout
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    read_only = shell(*command)
    assert read_only.returncode == 5
    assert "--home" in sentence(read_only)


def test_wrong_flags_are_one_sentence(home: Path) -> None:
    for flags in (
        ("--bbox", "1,2"),
        ("--time", "soon"),
        ("--where", "harbor"),
        ("--fusion", "sum"),
        ("--branches", "x"),
    ):
        done = typed("query", "harbor", "--home", home, *flags)
        assert done.returncode == 2
        assert flags[0] in sentence(done)


def test_a_setting_that_is_not_understood_is_named() -> None:
    done = typed("status", TRSLLAVA_FUSION="sum")
    assert done.returncode == 2
    assert "fusion" in sentence(done)


def test_a_collection_that_is_not_there_is_neither_made_nor_deleted(tmp_path: Path) -> None:
    for command in (("reindex",), ("collections", "delete", "default", "--yes")):
        done = typed(*command, "--home", tmp_path)
        assert done.returncode == 2
        assert "no collection 'default'" in sentence(done)
    assert run("collections", "list", "--home", tmp_path).output.startswith("No collection yet")


def test_a_failed_export_leaves_an_older_file_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "keep.jsonl").write_text("precious")
    assert typed("export", "-o", tmp_path / "keep.jsonl", "--home", tmp_path / "none").returncode == 2
    assert (tmp_path / "keep.jsonl").read_text() == "precious"


def test_a_place_that_cannot_be_written_is_named(home: Path, tmp_path: Path) -> None:
    for place in (tmp_path / "none" / "hits.html", tmp_path):
        done = typed("query", "harbor", "--home", home, "--html", place)
        assert done.returncode == 2
        assert str(place) in sentence(done)


def test_json_beside_a_page_is_still_json(home: Path, tmp_path: Path) -> None:
    done = shell("query", "harbor", "--home", home, "--json", "--html", tmp_path / "hits.html")
    assert json.loads(done.stdout)["hits"]


def test_the_same_folder_by_another_name_is_the_same(home: Path, archive: Path) -> None:
    detour = archive / ".." / archive.name
    again = run("index", detour, "--captions", archive / "captions.jsonl", "--home", home)
    assert "0 new, 0 changed, 24 unchanged" in again.output


def test_a_damaged_ledger_is_one_sentence(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    ledger = tmp_path / "home" / "collections" / "default" / "ledger.sqlite"
    ledger.write_bytes(ledger.read_bytes()[:4096] + b"\0" * 100_000)
    done = typed("status", "--home", tmp_path / "home")
    assert done.returncode == 5
    assert "ledger" in sentence(done)


def test_a_device_that_is_not_there_is_one_sentence(home: Path) -> None:
    done = typed("query", "harbor", "--home", home, "--device", "banana")
    assert done.returncode == 1
    assert "--device" in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
