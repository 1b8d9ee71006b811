"""The learning rate and the averaged weights."""

from __future__ import annotations

import pytest
import torch

from trsllava.training.schedule import average_into, rate_at


def test_the_rate_rises_then_falls_to_a_hundredth() -> None:
    rates = [rate_at(step, 100, 2.0, 0.1) for step in range(101)]
    assert rates[:10] == pytest.approx([0.2 * (step + 1) for step in range(10)])
    assert rates[10] == pytest.approx(2.0)
    assert rates[55] == pytest.approx(2.0 * (0.01 + 0.99 / 2))
    assert rates[100] == pytest.approx(0.02)
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_averaged_weights_follow_at_once_and_then_slowly() -> None:
    averaged, network = torch.nn.Linear(1, 1, bias=False), torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(averaged.weight)
    torch.nn.init.ones_(network.weight)
    average_into(averaged, network, 0, 0.99)  # keeps a tenth
    assert float(averaged.weight.detach()) == pytest.approx(0.9)
    average_into(averaged, network, 10_000, 0.99)
    assert float(averaged.weight.detach()) == pytest.approx(0.901)


def test_counters_are_copied() -> None:
    averaged, network = torch.nn.BatchNorm1d(2), torch.nn.BatchNorm1d(2)
    network(torch.randn(4, 2))
    average_into(averaged, network, 0, 0.9)
    assert averaged.num_batches_tracked is not None
    assert int(averaged.num_batches_tracked) == 1
