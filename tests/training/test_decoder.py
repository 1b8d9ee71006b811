"""The caption decoder learns what was said of pictures."""

from __future__ import annotations

import torch

from trsllava.models.word_numbers import END, UNKNOWN
from trsllava.training.decoder import DecoderPlan, caption_loss, caption_pairs, train_decoder
from trsllava.training.sights import Sights
from trsllava.training.vocabulary import learn_vocabulary, number_words, split_words

TEXTS = ("a boat in the port", "many green trees", "planes near a terminal", "a lone zeppelin")


def test_each_picture_gets_its_own_sentence() -> None:
    torch.manual_seed(0)
    views = torch.randn(3, 1, 16).repeat(1, 2, 1) * 3
    sights = Sights(views, torch.randn(3, 2, 4) * 0.01)
    rows = [(0, 0), (1, 1), (2, 2)]
    words = learn_vocabulary(TEXTS[:3], least=1)
    plan = DecoderPlan(epochs=300, batch=6, rate=1e-2, smoothing=0.0)
    decoder = train_decoder(sights, rows, TEXTS[:3], words, plan)
    rows_of_words = number_words(TEXTS[:3], words)
    with torch.inference_mode():
        losses = [
            [
                float(caption_loss(decoder, views[picture, :1], torch.zeros(1, 4), rows_of_words[said : said + 1]))
                for said in range(3)
            ]
            for picture in range(3)
        ]
    assert all(min(losses[picture]) == losses[picture][picture] < 0.3 for picture in range(3))


def test_captions_with_unknown_words_are_left_out_where_there_are_others() -> None:
    odd = torch.tensor([False, False, False, True])
    assert caption_pairs([(0, 3), (3, 3)], odd).tolist() == [[0, 0], [1, 3], [1, 3]]


def test_a_word_counts_once_a_caption() -> None:
    assert learn_vocabulary(["a boat, a boat", "a tree"], least=2) == ("a",)


def test_rows_are_closed_and_filled_up_with_the_end() -> None:
    rows = number_words(["A boat, afloat.", "boat"], (",", "a", "boat"))
    assert rows.tolist() == [[3, 4, 2, UNKNOWN, END], [4, END, END, END, END]]


def test_hyphens_join_words() -> None:
    assert split_words("Dark-green trees") == ["dark-green", "trees"]
