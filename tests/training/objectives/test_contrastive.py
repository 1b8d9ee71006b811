"""Equations 6 to 8."""

from __future__ import annotations

import math

import pytest
import torch

from trsllava.training.objectives.contrastive import caption_affinity, contrastive_loss

UNIT = torch.eye(2)
NO_SCALING = torch.tensor(0.0)


def test_two_matched_pairs_at_right_angles() -> None:
    # Each softmax is e / (e + 1) on the right pair: -log of it twice, once a direction (eq. 8).
    loss = contrastive_loss(UNIT, UNIT, torch.eye(2), 2, NO_SCALING)
    assert float(loss) == pytest.approx(2 * math.log(1 + math.exp(-1)), abs=1e-6)


def test_the_temperature_divides_the_cosines() -> None:
    loss = contrastive_loss(UNIT, UNIT, torch.eye(2), 2, torch.tensor(math.log(10.0)))
    assert float(loss) == pytest.approx(2 * math.log(1 + math.exp(-10)), abs=1e-6)


def test_the_temperature_is_learnt_but_never_below_a_hundredth() -> None:
    loss = contrastive_loss(UNIT, UNIT.flip(0), torch.eye(2), 2, torch.tensor(9.0))
    assert float(loss) == pytest.approx(200, abs=0.01)
    free = torch.tensor(1.0, requires_grad=True)
    contrastive_loss(UNIT, UNIT, torch.eye(2), 2, free).backward()  # type: ignore[no-untyped-call]
    assert free.grad is not None
    assert free.grad < 0  # pairs are already right: surer is better


def test_a_batch_told_apart_wrongly_costs_more() -> None:
    right = contrastive_loss(UNIT, UNIT, torch.eye(2), 2, NO_SCALING)
    wrong = contrastive_loss(UNIT, UNIT.flip(0), torch.eye(2), 2, NO_SCALING)
    assert float(wrong - right) == pytest.approx(2.0, abs=1e-6)


def test_texts_that_ask_nothing_are_told_from_but_rank_no_image() -> None:
    # A third text along the first image: its image's softmax grows by e; the text direction is untouched.
    texts = torch.cat([UNIT, UNIT[:1]])
    affinity = torch.tensor([[1.0, 0, 0], [0, 1, 0]])
    loss = contrastive_loss(UNIT, texts, affinity, 2, NO_SCALING)
    e = math.e
    i2t = (math.log((2 * e + 1) / e) + math.log((e + 2) / e)) / 2
    assert float(loss) == pytest.approx(i2t + math.log(1 + 1 / e), abs=1e-6)


def test_equal_captions_share_the_target() -> None:
    # Both texts fit the one image: cross-entropy of the uniform target with a uniform softmax.
    loss = contrastive_loss(UNIT[:1], UNIT[:1].expand(2, 2), torch.ones(1, 2), 2, NO_SCALING)
    assert float(loss) == pytest.approx(math.log(2), abs=1e-6)


def test_affinity_is_one_for_the_own_text_and_falls_with_the_angle() -> None:
    own = torch.tensor([[[1.0, 0.0]]])
    texts = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
    soft = caption_affinity(own, texts, 0.1)
    assert soft[0].tolist() == pytest.approx([1.0, math.exp(-2), math.exp(-10)], abs=1e-6)
    assert caption_affinity(own, texts, 0.0)[0].tolist() == [1.0, 0.0, 0.0]


def test_affinity_is_the_mean_over_an_images_captions() -> None:
    own = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    assert caption_affinity(own, torch.eye(2), 0.0).tolist() == [[0.5, 0.5]]
