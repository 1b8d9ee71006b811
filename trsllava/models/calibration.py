"""Bends frozen text vectors towards what overhead pictures show."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Calibration(nn.Module):
    """A linear map that begins as the identity, and a correction that begins as nothing."""

    def __init__(self, dim: int, hidden: int = 512, dropout: float = 0.2, noise: float = 0.3) -> None:
        """`noise`: standard deviation added while training to vectors scaled to unit variance."""
        super().__init__()
        self.linear = nn.Linear(dim, dim, bias=False)
        self.inner = nn.Linear(dim, hidden)
        self.outer = nn.Linear(hidden, dim)
        nn.init.eye_(self.linear.weight)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)
        self.dropout, self.noise = nn.Dropout(dropout), noise

    def forward(self, vectors: Tensor) -> Tensor:
        """`(n, dim)` L2-normalised to `(n, dim)` float32, L2-normalised."""
        root = vectors.shape[1] ** 0.5
        scaled = vectors * root
        if self.training:
            scaled = self.dropout(scaled + self.noise * torch.randn_like(scaled))
        with torch.autocast(vectors.device.type, enabled=False):  # small, and half precision blurs near-equal texts
            correction = self.outer(functional.relu(self.inner(scaled)))
            return functional.normalize(self.linear(scaled) / root + 0.1 * correction, dim=-1)
