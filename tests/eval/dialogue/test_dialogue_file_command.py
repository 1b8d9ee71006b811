"""`trsllava eval dialogue-file` on ready-made dialogues, in both forms that are published."""

import json

import pytest

from tests.typed import typed

CORPUS = {
    "a.png": "white boats in a harbor",
    "b.png": "red boats in a harbor",
    "c.png": "a bridge over a river",
    "d.png": "a stadium with cars",
}
DIALOGUES = [
    {"img": "b.png", "dialog": ["a harbor", "what colour are the boats? red boats"]},
    {"img": "c.png", "dialog": ["some water", "is there a bridge? yes, a bridge over a river"]},
]


@pytest.fixture
def rich(tmp_path):
    path = tmp_path / "rich.jsonl"
    lines = (json.dumps({"image": name, "captions": [text]}) for name, text in CORPUS.items())
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _file(tmp_path, dialogues, name="chat.json"):
    path = tmp_path / name
    path.write_text(json.dumps(dialogues), encoding="utf-8")
    return path


def test_figures_by_round(tmp_path, rich):
    done = typed("eval", "dialogue-file", _file(tmp_path, DIALOGUES), "--rich", rich, "--json", "-o", tmp_path / "o")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["n_images"], report["n_dialogues"], report["turns"]) == (4, 2, "appended")
    assert [row["round"] for row in report["rounds"]] == [0, 1]
    assert report["rounds"][1]["recall"]["R@1"] == 100
    assert report["rounds"][1]["hits"]["Hits@1"] == 100
    assert report["bri"] >= 0
    assert json.loads((tmp_path / "o").read_text(encoding="utf-8")) == report


def test_reformulated_captions_stand_alone(tmp_path, rich):
    whole = [{"img": "b.png", "dialog": ["red boats in a harbor", "a stadium with cars"]}]

    done = typed("eval", "dialogue-file", _file(tmp_path, whole, "chat_reconed.json"), "--rich", rich, "--json")

    report = json.loads(done.stdout)
    assert report["turns"] == "whole"
    assert [row["recall"]["R@1"] for row in report["rounds"]] == [100, 0]
    assert [row["hits"]["Hits@1"] for row in report["rounds"]] == [100, 100]


def test_the_table_tells_what_was_measured(tmp_path, rich):
    done = typed("eval", "dialogue-file", _file(tmp_path, DIALOGUES), "--rich", rich)

    assert done.returncode == 0, done.stderr
    assert "2 dialogues, 4 images; turns appended" in " ".join(done.stdout.split())


def test_an_image_that_is_not_in_the_corpus_is_named(tmp_path, rich):
    done = typed("eval", "dialogue-file", _file(tmp_path, [{"img": "z.png", "dialog": ["a"]}]), "--rich", rich)

    assert done.returncode == 2
    assert "1 of 1 dialogues are about images" in " ".join(done.stderr.split())
    assert "'z.png'" in done.stderr
