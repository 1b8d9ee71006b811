"""`trsllava eval dialogue` on drawn pictures, from captions to kept runs."""

import json

import pytest
from PIL import Image

from tests.typed import typed

CAPTIONS = {
    "a.png": ["a red field", "a red field beside a long road"],
    "b.png": ["a green field", "a green field with many trees"],
    "c.png": ["a blue lake", "a blue lake with two boats", "two boats on a lake"],
}
COLOURS = {"a.png": (200, 40, 40), "b.png": (40, 160, 60), "c.png": (40, 60, 200)}


@pytest.fixture
def data(tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    for name, colour in COLOURS.items():
        Image.new("RGB", (64, 64), colour).save(images / name)
    captions, rich = tmp_path / "captions.jsonl", tmp_path / "rich.jsonl"
    captions.write_text(
        "\n".join(json.dumps({"image": name, "split": "test", "captions": said}) for name, said in CAPTIONS.items()),
        encoding="utf-8",
    )
    rich.write_text(
        "\n".join(json.dumps({"image": name, "captions": [said[-1]]}) for name, said in CAPTIONS.items()),
        encoding="utf-8",
    )
    return "--captions", captions, "--images", images, "--rich", rich, "--rounds", 2


def test_every_method_is_told_by_round(data):
    done = typed("eval", "dialogue", *data, "--json")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [method["name"] for method in report["methods"]][:5] == ["rewriting", "random", "chatir", "plugir", "dir"]
    assert all(len(method["rounds"]) == 3 for method in report["methods"])
    assert report["n_dialogues"] == 3
    assert set(report["share_of_gain"]) == {method["name"] for method in report["methods"]}


def test_runs_can_be_compared_and_reported(data, tmp_path):
    done = typed(
        "eval", "dialogue", *data, "--methods", "random+dir", "-o", tmp_path / "kept.json", "--runs", tmp_path / "runs"
    )
    assert done.returncode == 0, done.stderr

    compared = typed("eval", "compare", tmp_path / "runs" / "random.json", tmp_path / "runs" / "dir.json")
    reported = typed("eval", "report", tmp_path / "runs" / "dir.json", "-o", tmp_path / "report.html")

    assert compared.returncode == 0, compared.stderr
    assert reported.returncode == 0, reported.stderr
    kept = json.loads((tmp_path / "kept.json").read_text(encoding="utf-8"))
    assert kept["format"] == 1
    assert [file["role"] for file in kept["data"]][:2] == ["captions", "rich texts"]


def test_tables_tell_the_yardstick(data):
    done = typed("eval", "dialogue", *data, "--methods", "dir")

    assert done.returncode == 0, done.stderr
    assert "Yardstick: R@10 100.00 with the first query" in done.stdout
    assert "Of 6 questions 0 were asked twice" in done.stdout


def test_nano_answers_from_the_picture(data):
    done = typed("eval", "dialogue", *data, "--methods", "dir", "--answers", "nano", "--json")

    assert done.returncode == 0, done.stderr
    assert "sees the picture" in json.loads(done.stdout)["answered_by"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--methods", "telepathy"), "telepathy"),
        (("--proxy",), "leave out --rich"),
        (("--answering", "somewhere"), "--answers nano"),
        (("--runs", __file__), "--runs is a folder"),
    ],
)
def test_what_does_not_go_together_is_refused(data, more, told):
    done = typed("eval", "dialogue", *data, *more)

    assert done.returncode == 2
    assert told in done.stderr
