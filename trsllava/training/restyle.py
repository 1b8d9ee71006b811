"""Pictures of another look: early statistics tell sensor, season and compression, not what is there."""

from __future__ import annotations

import torch
from torch import Tensor

STYLE_LAYER = 6
"""Layers of a trunk behind which statistics are changed: those before see edges and textures."""
_JITTER = 0.3
"""Spread of the changes beyond those that other pictures show."""


def restyle(grids: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Give a share of grids `(b, c, h, w)` the means and spreads of channels of others, or of none.

    Source: Zhou et al., "Domain Generalization with MixStyle", ICLR 2021, with a uniform mixture and a normal jitter
    of both statistics.

    Returns:
        `(b, c, h, w)` float32; grids that were not chosen are as they were, but for rounding.
    """
    b, c = grids.shape[:2]
    chosen = (torch.rand(b, 1, 1, 1, generator=generator) < share).float()
    mean, spread = grids.mean((2, 3), keepdim=True), grids.std((2, 3), keepdim=True) + 1e-4
    partner = torch.randperm(b, generator=generator)
    theirs = chosen * torch.rand(b, 1, 1, 1, generator=generator)
    scale = torch.exp(chosen * _JITTER * torch.randn(b, c, 1, 1, generator=generator))
    shift = chosen * _JITTER * torch.randn(b, c, 1, 1, generator=generator) * spread
    new_spread = torch.lerp(spread, spread[partner], theirs) * scale
    new_mean = torch.lerp(mean, mean[partner], theirs) + shift
    return (grids - mean) / spread * new_spread + new_mean
