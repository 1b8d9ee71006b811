"""What a model may have seen before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from eval.datasets.captions import CaptionedImage
from eval.leakage import PictureFolder, bare, find_leakage, near_pairs, picture_overlap, text_overlap
from trsllava.errors import InputError
from trsllava.records import RichCaption, RichText


def draw(path: Path, seed: int, side: int = 160) -> None:
    """Coarse shapes, as pictures from above have; every seed another one."""
    coarse = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), np.uint8)
    Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC).save(path)


def test_texts_are_found_letter_for_letter_and_word_for_word() -> None:
    learnt = ["A ship, at a quay.", "a green field"]
    found = text_overlap([" a green field ", "a ship at a quay", "A green field", "a red field"], learnt)
    assert (found.texts, found.verbatim, found.normalised) == (4, 1, 3)
    assert found.share() == 0.75


def test_texts_without_words_are_not_found_by_having_none() -> None:
    found = text_overlap(["!", "…"], ["?", "..."])
    assert (found.verbatim, found.normalised) == (0, 0)


@given(st.text())
def test_bare_texts_stay_as_they_are(text: str) -> None:
    assert bare(bare(text)) == bare(text)


@given(
    st.lists(st.integers(0, 2**256 - 1), max_size=5),
    st.lists(st.integers(0, 2**256 - 1), max_size=5),
    st.integers(0, 256),
)
def test_pairs_are_those_that_counting_bits_gives(first: list[int], second: list[int], distance: int) -> None:
    expected = [
        (i, j, (a ^ b).bit_count())
        for i, a in enumerate(first)
        for j, b in enumerate(second)
        if (a ^ b).bit_count() <= distance
    ]
    assert sorted(near_pairs([f"{a:064x}" for a in first], [f"{b:064x}" for b in second], distance)) == expected


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of three test pictures one is a copy of a training picture, one the same re-encoded, one new; one is flat."""
    draw(tmp_path / "train_1.png", 1)
    draw(tmp_path / "train_2.png", 2)
    (tmp_path / "copy.png").write_bytes((tmp_path / "train_1.png").read_bytes())
    draw(tmp_path / "again.jpg", 2, side=120)
    draw(tmp_path / "new.png", 3)
    Image.new("RGB", (32, 32), "blue").save(tmp_path / "flat.png")
    return tmp_path


def test_copies_and_pictures_that_look_alike_are_counted_and_named(folder: Path) -> None:
    tested = PictureFolder(folder, ["copy.png", "again.jpg", "new.png", "flat.png"])
    found = picture_overlap(tested, PictureFolder(folder, ["train_1.png", "train_2.png"]))
    assert (found.images, found.training, found.exact, found.near, found.flat) == (4, 2, 1, 2, 1)
    assert [(pair.image, pair.training) for pair in found.pairs] == [
        ("copy.png", "train_1.png"),
        ("again.jpg", "train_2.png"),
    ]
    assert found.pairs[0].distance == 0 < found.pairs[1].distance


def test_a_flat_copy_is_a_copy_all_the_same(folder: Path) -> None:
    found = picture_overlap(PictureFolder(folder, ["flat.png"]), PictureFolder(folder, ["flat.png"]))
    assert (found.exact, found.near, found.flat) == (1, 0, 1)


def test_pictures_that_are_not_there_are_counted(folder: Path) -> None:
    with pytest.raises(InputError, match=r"1 of 2 pictures .*none\.png"):
        picture_overlap(PictureFolder(folder, ["new.png", "none.png"]), PictureFolder(folder, ["train_1.png"]))


def test_all_of_it_is_told_in_sentences(folder: Path) -> None:
    learnt = [CaptionedImage(image="train_1.png", captions=("A ship.", "a quay"))]
    documents = [RichText(variants=(RichCaption(one_sentence="a ship", caption="A wide quay."),))]
    pictures = PictureFolder(folder, ["copy.png"]), PictureFolder(folder, ["train_1.png"])
    found = find_leakage(documents, ["a quay"], learnt, (Path("list.jsonl"), "train"), pictures)
    said = " ".join(found.told())
    assert "0 of 2; word for word, without case and punctuation, 1 (50.0%)" in said
    assert "letter for letter 1 of 1" in said
    assert "1 of 1; byte for byte the same: 1" in said


def test_what_was_not_compared_is_said_not_to_be() -> None:
    learnt = [CaptionedImage(image="a.png", captions=("a ship",))]
    found = find_leakage([], ["a ship"], learnt, (Path("list.jsonl"), "train"), None)
    assert (found.documents, found.pictures) == (None, None)
    assert "Pictures were not compared." in found.told()
