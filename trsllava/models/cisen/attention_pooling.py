"""Attention pooling: one vector of many cells (eq. 24)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class AttentionPooling(nn.Module):
    """Multi-head self-attention read at the first place.

        o_z = [o_cls; o'_e] + E_pos
        o_e = F_MHSA(o_z)[0, :]                                                                        (24)

    o_cls, the picture as a whole, is the mean of its cells, as in the attention pooling of CLIP (Radford et al., ICML
    2021). Only the first row of MHSA is wanted, so only the first row is computed.
    """

    def __init__(self, width: int, dim: int, side: int, heads: int) -> None:
        """`width`: of a cell; `dim`: of o_e; `side`: cells a side that E_pos is for; `heads`: divides `width`."""
        super().__init__()
        self.side, self.heads = side, heads
        self.positions = nn.Parameter(torch.randn(1 + side**2, width) / math.sqrt(width))
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.out = nn.Linear(width, dim)

    def forward(self, cells: Tensor) -> Tensor:
        """o'_e `(b, cells, width)`, a square row by row, to o_e `(b, dim)`; E_pos is resized to the square."""
        positions = _positions_for(self.positions, self.side, math.isqrt(cells.shape[1]))
        tokens = torch.cat([cells.mean(1, keepdim=True), cells], dim=1) + positions
        query = self._by_head(self.query(tokens[:, :1]))
        read = functional.scaled_dot_product_attention(
            query, self._by_head(self.key(tokens)), self._by_head(self.value(tokens))
        )
        pooled: Tensor = self.out(read.transpose(1, 2).flatten(2)[:, 0])
        return pooled

    def _by_head(self, tokens: Tensor) -> Tensor:
        """`(b, n, width)` to `(b, heads, n, width / heads)`."""
        return tokens.reshape(*tokens.shape[:2], self.heads, -1).transpose(1, 2)


def _positions_for(positions: Tensor, side: int, wanted: int) -> Tensor:
    """E_pos `(1 + side², width)` for `wanted` cells a side."""
    if wanted == side:
        return positions
    grid = positions[1:].T.reshape(1, -1, side, side)
    resized = functional.interpolate(grid, (wanted, wanted), mode="bicubic", align_corners=False)
    return torch.cat([positions[:1], resized[0].flatten(1).T])
