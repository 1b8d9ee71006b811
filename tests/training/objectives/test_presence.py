"""Things learnt from captions that do not say where."""

from __future__ import annotations

import math

import pytest
import torch

from trsllava.models.heads import presence_logits
from trsllava.training.objectives.presence import presence_loss


def test_equal_cells_are_as_sure_together_as_alone() -> None:
    assert presence_logits(torch.full((1, 9, 1), 1.5)).tolist() == [[pytest.approx(1.5)]]


def test_one_sure_cell_nearly_decides() -> None:
    cells = torch.zeros(1, 4, 1)
    cells[0, 2] = 10.0
    assert float(presence_logits(cells)) == pytest.approx(10 - math.log(4) / 4, abs=1e-5)


def test_the_surprise_at_what_the_captions_name() -> None:
    cells = torch.full((1, 4, 2), math.log(3.0))  # chance 3/4 each
    loss = presence_loss(cells, torch.tensor([[1.0, 0.0]]))
    assert float(loss) == pytest.approx((math.log(4 / 3) + math.log(4)) / 2, abs=1e-6)


def test_the_gradient_goes_to_the_cell_that_shows_it() -> None:
    cells = torch.tensor([[[0.0], [2.0]]], requires_grad=True)
    presence_loss(cells, torch.tensor([[1.0]])).backward()  # type: ignore[no-untyped-call]
    assert cells.grad is not None
    assert cells.grad[0, 1, 0] < cells.grad[0, 0, 0] < 0
