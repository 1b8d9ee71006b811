"""Reading captioned pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import InputError
from trsllava.lexicon import keywords
from trsllava.training.data import CaptionedSet, load_split


def write(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "captions.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_each_distinct_caption_is_kept_once_and_repeats_are_counted(tmp_path: Path, words: TextEncoder) -> None:
    for name, grey in (("a.png", 10), ("b.png", 200)):
        Image.new("L", (20, 10), grey).save(tmp_path / name)
    captions = write(
        tmp_path,
        {"image": "a.png", "split": "train", "scene": "s", "captions": ["a road", "a road", "a tree"]},
        {"image": "b.png", "split": "train", "scene": "t", "captions": ["a tree"]},
        {"image": "c.png", "split": "test", "scene": "t", "captions": ["a pond"]},
    )
    data = load_split(tmp_path, captions, "train", words, 8)
    assert data.texts == ("a road", "a tree")
    assert data.rows == ((0, 0, 1), (1,))
    assert data.owner().tolist() == [0, 0, 0, 1]
    assert data.flat_rows().tolist() == [0, 0, 1, 1]
    assert data.pixels.shape == (2, 3, 8, 8)
    assert set(np.unique(data.pixels[0])) == {10}
    (road,), (tree,) = keywords("road"), keywords("tree")
    np.testing.assert_allclose(data.presence([road, tree]), [[2 / 3, 1 / 3], [0, 1]], rtol=1e-6)


def test_a_picture_that_is_missing_is_one_sentence(tmp_path: Path, words: TextEncoder) -> None:
    captions = write(tmp_path, {"image": "gone.png", "split": "train", "captions": ["a road"]})
    with pytest.raises(InputError, match=r"gone\.png cannot be read as a picture.*relative to `images`"):
        load_split(tmp_path, captions, "train", words, 8)


def test_the_drawn_set_has_what_training_needs(learnt: CaptionedSet) -> None:
    assert len(learnt.names) == 24
    assert len(set(learnt.scenes)) == 6
    assert {len(rows) for rows in learnt.rows} == {5}
    np.testing.assert_allclose(np.linalg.norm(learnt.vectors, axis=1), 1, rtol=1e-5)
