"""`eval retrieval` takes human captions in any published layout."""

import json

import pytest
from typer.testing import CliRunner

from trsllava.cli.app import app
from trsllava.errors import CaptionFileError

WORDS = {"a.png": "a grey ship at a quay", "b.png": "a wide road with cars"}


def run(*arguments):
    result = CliRunner().invoke(app, ["eval", "retrieval", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def rich(tmp_path):
    path = tmp_path / "rich.jsonl"
    path.write_text("".join(json.dumps({"image": i, "captions": [t]}) + "\n" for i, t in WORDS.items()))
    return path


@pytest.fixture
def karpathy(tmp_path):
    entries = [{"filename": i, "split": "test", "sentences": [{"raw": t}] * 5} for i, t in WORDS.items()]
    path = tmp_path / "dataset_rsicd.json"
    path.write_text(json.dumps({"images": entries}))
    return path


@pytest.fixture
def precomp(tmp_path):
    home = tmp_path / "rsitmd_precomp"
    home.mkdir()
    (home / "test_caps.txt").write_text("".join(f"{text}\n" * 5 for text in WORDS.values()))
    (home / "test_filename.txt").write_text("".join(f"{image}\n" * 5 for image in WORDS))
    return home


@pytest.mark.parametrize("layout", ["karpathy", "precomp"])
def test_a_published_layout_is_measured_by_naming_its_path(layout, rich, request):
    path = request.getfixturevalue(layout)
    report = json.loads(run("--captions", path, "--rich", rich, "--branches", "dense", "--json"))
    assert (report["t2i"]["R@1"], report["protocol"]["n_queries"]) == (100.0, 10)


def test_a_path_that_is_not_there_is_named_with_the_layouts_there_are(tmp_path, rich):
    with pytest.raises(CaptionFileError, match=r"nowhere\.json does not exist.*sentences.*test_caps\.txt"):
        run("--captions", tmp_path / "nowhere.json", "--rich", rich)


def test_the_help_shows_the_layouts():
    out = CliRunner().invoke(app, ["eval", "retrieval", "--help"], env={"COLUMNS": "200"}).output
    for word in ("sentences", "NWPU-Captions", "image,split,caption", "test_caps.txt"):
        assert word in out
