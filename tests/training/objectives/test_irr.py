"""Equation 5."""

from __future__ import annotations

import math

import pytest
import torch

from trsllava.models.reasoner import MASK, PAD, Reasoner
from trsllava.training.objectives.irr import irr_loss, mask_keywords


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_mean_surprise_at_masked_words_alone() -> None:
    scores = torch.zeros(1, 3, 4)
    scores[0, 1, 2] = math.log(5.0)  # chance 5/8 of word 2
    words = torch.tensor([[3, 2, 1]])
    masked = torch.tensor([[False, True, True]])
    assert float(irr_loss(scores, words, masked)) == pytest.approx((math.log(8 / 5) + math.log(4)) / 2, abs=1e-6)


def test_nothing_masked_costs_nothing_and_still_has_a_gradient() -> None:
    scores = torch.ones(1, 2, 4, requires_grad=True)
    loss = irr_loss(scores, torch.tensor([[1, 2]]), torch.zeros(1, 2, dtype=torch.bool))
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(loss.detach()) == 0
    assert scores.grad is not None


def test_only_keywords_are_hidden_and_one_at_least() -> None:
    words = torch.arange(10, 40).view(3, 10)
    keywords = torch.zeros(3, 10, dtype=torch.bool)
    keywords[0, :6] = True
    keywords[1, 2] = True
    hidden, masked = mask_keywords(words, keywords, 0.0, generator())
    assert masked.sum(1).tolist() == [1, 1, 0]
    assert not bool((masked & ~keywords).any())
    assert bool((hidden[masked] == MASK).all())
    assert torch.equal(hidden[~masked], words[~masked])


def test_all_keywords_are_hidden_where_the_share_is_one() -> None:
    keywords = torch.tensor([[True, False, True, True]])
    _, masked = mask_keywords(torch.arange(4)[None] + 5, keywords, 1.0, generator())
    assert torch.equal(masked, keywords)


def test_the_reasoner_guesses_from_the_picture_and_does_not_look_at_padding() -> None:
    torch.manual_seed(0)
    reasoner = Reasoner(words=20, local_width=8, width=16, depth=1).eval()
    words = torch.tensor([[5, MASK, 7]])
    one, other = torch.randn(1, 4, 8), torch.randn(1, 4, 8)
    assert not torch.allclose(reasoner(words, one), reasoner(words, other), atol=1e-3)
    longer = torch.tensor([[5, MASK, 7, PAD, PAD]])
    assert torch.allclose(reasoner(longer, one)[:, :3], reasoner(words, one), atol=1e-5)


def test_a_caption_without_words_is_no_trouble() -> None:
    scores = Reasoner(words=20, local_width=8, width=16, depth=1).eval()(torch.full((1, 3), PAD), torch.randn(1, 4, 8))
    assert bool(scores.isfinite().all())
