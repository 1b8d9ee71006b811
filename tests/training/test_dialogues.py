"""Dialogues for a training split: made once, gone on with, and learnt from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from trsllava.dialogue.written import WrittenDialogue, read_dialogues
from trsllava.encoders.image_text import load_shipped_nano
from trsllava.encoders.nano import NanoEncoder
from trsllava.errors import InputError
from trsllava.sample.draw import draw
from trsllava.training.augment import Augmentation
from trsllava.training.data import CaptionedSet
from trsllava.training.dialogues import generate_dialogues
from trsllava.training.far import dialogue_sayings
from trsllava.training.objectives.total import Weights
from trsllava.training.plan import TrainingPlan
from trsllava.training.step import prepare

CAPTIONS = {
    "beach": ["a beach", "white waves on a beach near green trees", "a beach with many trees and a road"],
    "stadium": ["a large stadium", "a stadium with a football field and red stands", "a stadium beside a parking lot"],
    "bridge": ["a bridge", "a long bridge over a wide river with several cars"],
}
PLAN = TrainingPlan(
    epochs=1,
    batch=8,
    rate=5e-3,
    weights=Weights(irr=1),
    augmentation=Augmentation(size=32),
    eval_size=32,
    keywords="dialogues",
)


def torch_rows(data: CaptionedSet) -> torch.Tensor:
    return torch.from_numpy(data.vectors)


@pytest.fixture(scope="module")
def captioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three kinds of scene, three drawn pictures of each."""
    folder = tmp_path_factory.mktemp("captioned")
    lines = []
    for kind, captions in CAPTIONS.items():
        for seed in range(3):
            draw(kind, seed, size=48).picture.save(folder / f"{kind}-{seed}.png")
            lines.append(json.dumps({"image": f"{kind}-{seed}.png", "split": "train", "captions": captions}))
    (folder / "captions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def nano() -> NanoEncoder:
    return load_shipped_nano()


def generate(folder: Path, file: Path, nano: NanoEncoder, queries: int = 1, most: int | None = None) -> int:
    return generate_dialogues(folder, folder / "captions.jsonl", file, nano, queries=queries, most=most)


@pytest.fixture(scope="module")
def made(captioned: Path, nano: NanoEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("dialogues") / "dialogues.jsonl"
    generate(captioned, file, nano)
    return file


def kind_of(image: str) -> str:
    return image.partition("-")[0]


def test_each_image_of_the_split_gets_a_dialogue_from_its_shortest_caption(made: Path) -> None:
    dialogues = read_dialogues(made)
    assert {dialogue.image for dialogue in dialogues} == {
        f"{kind}-{seed}.png" for kind in CAPTIONS for seed in range(3)
    }
    for dialogue in dialogues:
        assert dialogue.query == CAPTIONS[kind_of(dialogue.image)][0]
        assert dialogue.split == "train"
        assert 1 <= len(dialogue.turns) <= 5


def test_answers_are_the_captions_own_words(made: Path) -> None:
    answers = [(dialogue.image, turn) for dialogue in read_dialogues(made) for turn in dialogue.turns]
    assert any(turn.answer == "yes" for _, turn in answers)
    for image, turn in answers:
        assert turn.answer in ("yes", "unknown")
        assert turn.words.lower() in " ".join(CAPTIONS[kind_of(image)])


def test_what_an_answer_adds_is_among_the_keywords(made: Path) -> None:
    added = [
        (edit, dialogue)
        for dialogue in read_dialogues(made)
        for edit in dialogue.instructions
        if edit.kind == "addition"
    ]
    assert added
    for edit, dialogue in added:
        assert set(edit.keywords) <= set(dialogue.keywords)


def test_a_stopped_run_goes_on_where_it_was(captioned: Path, made: Path, nano: NanoEncoder, tmp_path: Path) -> None:
    whole = made.read_bytes()
    file = tmp_path / "dialogues.jsonl"
    file.write_bytes(whole[: len(whole) // 2])  # in the middle of a line
    assert generate(captioned, file, nano) == 9
    assert file.read_bytes() == whole


def test_a_finished_file_is_not_touched(captioned: Path, made: Path, nano: NanoEncoder) -> None:
    before = made.stat().st_mtime_ns
    generate(captioned, made, nano)
    assert made.stat().st_mtime_ns == before


def test_more_queries_make_more_dialogues_each_from_another_caption(
    captioned: Path, nano: NanoEncoder, tmp_path: Path
) -> None:
    file = tmp_path / "dialogues.jsonl"
    generate(captioned, file, nano, queries=2, most=12)
    begun = [(dialogue.image, dialogue.query) for dialogue in read_dialogues(file)]
    assert len(begun) == len(set(begun)) == 12
    assert len({image for image, _ in begun}) == 9


def test_the_keywords_of_the_dialogues_are_hidden_and_no_others(learnt: CaptionedSet) -> None:
    told = [
        WrittenDialogue.model_validate(
            {
                "image": f"./{name}",
                "query": f"an airport {number}",
                "instructions": [
                    {"kind": "addition", "text": "", "sentence": "There are solar panels near a runway"},
                    {"kind": "removal", "text": "Remove boats", "keywords": ["boats"]},
                ],
                "keywords": ["solar panels"],
            }
        )
        for number, name in enumerate(learnt.names[:3])
    ]
    data = replace(learnt, dialogues=dialogue_sayings(learnt.names, told))
    lesson = prepare(data, torch_rows(data), PLAN)
    (row,) = lesson.word_rows[0]
    hidden = lesson.words.keywords[row].tolist()
    assert [place for place, worth in enumerate(hidden) if worth] == [4, 5]  # an airport there are solar panels …


def test_an_image_without_a_dialogue_has_its_captions_play_one(learnt: CaptionedSet) -> None:
    told = WrittenDialogue(image=learnt.names[0], query="an airport", keywords=("airport",))
    with_one = prepare(replace(learnt, dialogues=dialogue_sayings(learnt.names, [told])), torch_rows(learnt), PLAN)
    played = prepare(learnt, torch_rows(learnt), replace(PLAN, keywords="far"))
    assert len(with_one.word_rows[0]) == 1
    assert [len(rows) for rows in with_one.word_rows[1:]] == [len(rows) for rows in played.word_rows[1:]]


def test_dialogues_about_other_images_are_refused(learnt: CaptionedSet) -> None:
    told = WrittenDialogue(image="elsewhere.jpg", query="an airport")
    with pytest.raises(InputError, match="None of the 1 images of the dialogues is among the 24"):
        dialogue_sayings(learnt.names, [told])
