"""Another look: what is where stays, means and spreads change."""

from __future__ import annotations

import pytest
import torch

from trsllava.training.restyle import restyle


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def grids() -> torch.Tensor:
    level = torch.randn(8, 6, 1, 1, generator=generator())
    return level + torch.rand(8, 6, 5, 5, generator=generator())


def test_what_is_where_stays() -> None:
    before, after = grids(), restyle(grids(), 1.0, generator())
    for old, new in zip(before.flatten(0, 1), after.flatten(0, 1), strict=True):
        assert torch.corrcoef(torch.stack([old.flatten(), new.flatten()]))[0, 1] == pytest.approx(1, abs=1e-4)


def test_means_and_spreads_change() -> None:
    before, after = grids(), restyle(grids(), 1.0, generator())
    assert (after.mean((2, 3)) - before.mean((2, 3))).abs().min() > 0
    assert (after.std((2, 3)) / before.std((2, 3)) - 1).abs().median() > 0.05


def test_only_a_share_is_changed() -> None:
    before = grids().repeat(100, 1, 1, 1)
    changed = (restyle(before, 0.3, generator()) - before).abs().amax((1, 2, 3)) > 1e-4
    assert float(changed.float().mean()) == pytest.approx(0.3, abs=0.06)


def test_a_share_of_none_leaves_everything() -> None:
    torch.testing.assert_close(restyle(grids(), 0.0, generator()), grids())


def test_equal_seeds_equal_looks() -> None:
    assert torch.equal(restyle(grids(), 0.7, generator()), restyle(grids(), 0.7, generator()))
