"""Dialogues as JSON lines: what is written can be read, and what cannot be read is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.turns import turn
from trsllava.dialogue.reasoning.rules import reason
from trsllava.dialogue.state import Answer, Dialogue, Turn
from trsllava.dialogue.written import read_dialogues, written
from trsllava.errors import CaptionFileError

DIALOGUE = Dialogue(
    query="a river",
    turns=(
        turn("Are there any trees?", "yes", "green trees", "tree"),
        turn("Are there any boats?", "no", about="boat"),
        Turn(answer=Answer(kind="more like", tile="7"), caption="a river, green trees, without boat"),
    ),
)
LINE = written("port/a.jpg", "train", DIALOGUE, reason(DIALOGUE.query, DIALOGUE.turns))


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "dialogues.jsonl"
    file.write_text(f"{LINE.model_dump_json()}\n\n{LINE.model_dump_json()}\n", encoding="utf-8")
    assert read_dialogues(file) == [LINE, LINE]


def test_a_line_holds_questions_answers_instructions_and_keywords() -> None:
    line = LINE.model_dump(mode="json")
    assert (line["image"], line["query"], line["caption"]) == (
        "port/a.jpg", "a river", "a river, green trees, without boat",
    )  # fmt: skip
    assert line["turns"] == [
        {"question": "Are there any trees?", "about": "tree", "answer": "yes", "words": "green trees"},
        {"question": "Are there any boats?", "about": "boat", "answer": "no", "words": ""},
    ]
    assert [edit["kind"] for edit in line["instructions"]] == ["addition", "removal", "retention"]
    assert line["keywords"] == ["green", "tree", "river"]


def test_others_may_write_less(tmp_path: Path) -> None:
    file = tmp_path / "dialogues.jsonl"
    file.write_text('{"image": "a.jpg", "query": "a river", "keywords": ["river"]}', encoding="utf-8")
    (dialogue,) = read_dialogues(file)
    assert (dialogue.keywords, dialogue.sentences()) == (("river",), ())


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"query": "a river"}', "line 2: image: is missing"),
        ('{"image": "a.jpg", "query": " "}', "line 2: query: must have at least 1"),
        ('{"image": "a.jpg", "query": "a", "turns": [{"question": "?", "answer": "perhaps"}]}', "must be yes, no"),
        ("a river", "line 2"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str, fault: str) -> None:
    file = tmp_path / "dialogues.jsonl"
    file.write_text(f"{LINE.model_dump_json()}\n{line}\n", encoding="utf-8")
    with pytest.raises(CaptionFileError, match=fault) as error:
        read_dialogues(file)
    assert "pydantic" not in str(error.value)


def test_a_file_that_is_not_there_is_told_with_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(CaptionFileError, match="trsllava dialogue generate"):
        read_dialogues(tmp_path / "none.jsonl")
