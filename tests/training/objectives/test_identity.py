"""Equation 9."""

from __future__ import annotations

import math

import pytest
import torch

from trsllava.training.objectives.identity import identity_loss


def test_the_mean_surprise_at_the_true_identities() -> None:
    logits = torch.tensor([[math.log(3.0), 0.0], [0.0, 0.0]])  # chances 3/4, 1/4 and 1/2, 1/2
    loss = identity_loss(logits, torch.tensor([0, 1]))
    assert float(loss) == pytest.approx((math.log(4 / 3) + math.log(2)) / 2, abs=1e-6)


def test_blended_pictures_are_as_much_of_each_identity_as_they_show() -> None:
    logits = torch.tensor([[math.log(3.0), 0.0]])
    loss = identity_loss(logits, torch.tensor([[0.25, 0.75]]))
    assert float(loss) == pytest.approx(0.25 * math.log(4 / 3) + 0.75 * math.log(4), abs=1e-6)


def test_smoothing_gives_every_identity_a_share() -> None:
    logits = torch.tensor([[math.log(3.0), 0.0]])
    loss = identity_loss(logits, torch.tensor([0]), smoothing=0.5)
    assert float(loss) == pytest.approx(0.75 * math.log(4 / 3) + 0.25 * math.log(4), abs=1e-6)
