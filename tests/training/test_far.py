"""Captions of one picture become dialogues for training."""

from __future__ import annotations

from trsllava.training.far import pseudo_dialogues
from trsllava.training.words import Saying


def test_equal_captions_give_retention_only() -> None:
    (dialogue,) = pseudo_dialogues(["a green meadow"] * 5)
    assert dialogue == Saying("a green meadow", "There is green meadow")


def test_each_caption_plays_the_query_once() -> None:
    dialogues = pseudo_dialogues(["a pond", "a pond near a bridge", "a pond"])
    assert dialogues == [
        Saying("a pond", "There is bridge. There is pond"),
        Saying("a pond near a bridge", "There is pond"),
    ]


def test_a_caption_without_keywords_is_left_as_it_is() -> None:
    assert pseudo_dialogues(["what is this"]) == [Saying("what is this")]
