import json

import pytest

from eval.datasets.dialogues import read_dialogues, turns_of
from trsllava.errors import CaptionFileError

DIALOGUE = {"img": "a.jpg", "dialog": ["a harbor", "are there boats? yes, many", "what else is there a crane"]}


def _file(tmp_path, rows, name="chat.json"):
    path = tmp_path / name
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def test_chatirs_turns_are_appended(tmp_path):
    (dialogue,) = read_dialogues(_file(tmp_path, [DIALOGUE]))

    assert dialogue.image == "a.jpg"
    assert dialogue.captions("appended") == (
        "a harbor",
        "a harbor, are there boats? yes, many",
        "a harbor, are there boats? yes, many, what else is there a crane",
    )


def test_plugirs_captions_stand_alone(tmp_path):
    path = _file(tmp_path, [DIALOGUE], "test_reconed.json")

    assert turns_of(path) == "whole"
    assert read_dialogues(path)[0].captions("whole") == tuple(DIALOGUE["dialog"])


def test_other_files_are_appended(tmp_path):
    assert turns_of(tmp_path / "ChatGPT_BLIP2.json") == "appended"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "has no dialogue"),
        ({"img": "a.jpg"}, "look like"),
        ([{"img": "a.jpg"}], "dialog"),
        ([{"img": "a.jpg", "dialog": []}], "dialog"),
        ([{"img": "", "dialog": ["a"]}], "img"),
        ([{"img": "a.jpg", "dialog": ["a", 3]}], "dialog"),
        ([DIALOGUE, DIALOGUE | {"dialog": ["a"]}], "1 to 3 entries"),
    ],
)
def test_other_layouts_are_refused(tmp_path, rows, told):
    with pytest.raises(CaptionFileError, match=told):
        read_dialogues(_file(tmp_path, rows))


def test_a_file_that_is_no_json_is_refused(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("[{", encoding="utf-8")

    with pytest.raises(CaptionFileError, match="cannot be read as JSON"):
        read_dialogues(path)
