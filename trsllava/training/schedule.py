"""The learning rate over a run, and the average of its weights."""

from __future__ import annotations

import math

import torch
from torch import nn


def rate_at(step: int, steps: int, peak: float, warmup: float) -> float:
    """Linear from zero over the first `warmup` share of `steps`, then half a cosine down to a hundredth of `peak`.

    Source: Loshchilov & Hutter, "SGDR", ICLR 2017, eq. 5, without restarts.
    """
    warm = max(1, round(warmup * steps))
    if step < warm:
        return peak * (step + 1) / warm
    along = (step - warm) / max(1, steps - warm)
    return peak * (0.01 + 0.99 * (1 + math.cos(math.pi * along)) / 2)


def average_into(averaged: nn.Module, network: nn.Module, step: int, decay: float) -> None:
    """Move the averaged weights towards the network's by 1 - decay; faster in the first steps, which are worth little.

    Source: Tarvainen & Valpola, "Mean teachers are better role models", NeurIPS 2017.
    """
    kept = min(decay, (1 + step) / (10 + step))
    with torch.no_grad():
        for old, new in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
            if old.dtype.is_floating_point:
                old.lerp_(new, 1 - kept)
            else:
                old.copy_(new)
