"""HFE: local features of three levels, fused from the coarsest to the finest under the global one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from trsllava.models.cisen.attention_pooling import AttentionPooling
from trsllava.models.cisen.levels import Levels


class TopDownFusion(nn.Module):
    """Hierarchical feature enhancement.

        o_m4 = C3x3(F_up(relu(F_proj(o_v4)) · relu(F_proj(o_v))))                                      (20)
        o_m3 = C3x3(F_concat(relu(F_proj(o_v3)), relu(F_proj(o_m4))))                                  (21)
        o'_v2 = M(o_v2); o_m2 = C3x3(F_concat(relu(F_proj(o'_v2)), relu(F_proj(o_m3))))                (22)
        o_m = F_fuse1x1(F_concat(o_m2, o_m3, o_m4))
        o'_e = F_flatten(F_fuse3x3(F_concat(o_m, o_spatial)))                                          (23)

    F_proj are 1 × 1 convolutions, M is 2 × 2 average pooling, o_spatial the coordinates of each cell in -1…1. F_up
    doubles bilinearly, to the middle level's cells where their number is odd. Eq. 20 writes o_tc where the text says
    o_v, the text-like feature; at search no text is there to pair with, so it is o_v.
    """

    def __init__(self, dim: int, channels: Sequence[int], width: int) -> None:
        """`dim`: of o_v; `channels`: of o_v2, o_v3 and o_v4; `width`: of all that is fused."""
        super().__init__()
        fine, middle, coarse = channels
        self.project_global = nn.Linear(dim, width)
        self.project_coarse = nn.Conv2d(coarse, width, 1)
        self.project_middle = nn.Conv2d(middle, width, 1)
        self.project_fine = nn.Conv2d(fine, width, 1)
        self.project_m4, self.project_m3 = nn.Conv2d(width, width, 1), nn.Conv2d(width, width, 1)
        self.smooth_m4 = nn.Conv2d(width, width, 3, padding=1)
        self.smooth_m3 = nn.Conv2d(2 * width, width, 3, padding=1)
        self.smooth_m2 = nn.Conv2d(2 * width, width, 3, padding=1)
        self.fuse = nn.Conv2d(3 * width, width, 1)
        self.place = nn.Conv2d(width + 2, width, 3, padding=1)

    def forward(self, levels: Levels, image: Tensor) -> Tensor:
        """Levels and o_v `(b, d)` to o'_e `(b, cells, width)`, cells row by row as the middle level has them."""
        relu = functional.relu
        gated = relu(self.project_coarse(levels.coarse)) * relu(self.project_global(image))[:, :, None, None]
        m4 = self.smooth_m4(_resized_to(levels.middle, gated))
        m3 = self.smooth_m3(torch.cat([relu(self.project_middle(levels.middle)), relu(self.project_m4(m4))], 1))
        pooled = functional.avg_pool2d(levels.fine, 2, ceil_mode=True)  # as a trunk halves a grid of odd sides
        m2 = self.smooth_m2(torch.cat([relu(self.project_fine(pooled)), relu(self.project_m3(m3))], 1))
        fused = self.fuse(torch.cat([m2, m3, m4], 1))
        enhanced: Tensor = self.place(torch.cat([fused, coordinates(fused)], 1))
        return enhanced.flatten(2).transpose(1, 2)


class Hfe(nn.Module):
    """The fusion, and attention pooling behind it: o_e (eq. 20-24)."""

    def __init__(self, dim: int, channels: Sequence[int], side: int, width: int, heads: int) -> None:
        """`side`: cells a side of the middle level at the usual size of pictures."""
        super().__init__()
        self.fusion = TopDownFusion(dim, channels, width)
        self.pooling = AttentionPooling(width, dim, side, heads)

    def forward(self, levels: Levels, image: Tensor) -> tuple[Tensor, Tensor]:
        """Levels and o_v `(b, d)` to o_e `(b, d)`, not normalised, and o'_e `(b, cells, width)`."""
        cells = self.fusion(levels, image)
        return self.pooling(cells), cells


def coordinates(grid: Tensor) -> Tensor:
    """o_spatial of a grid `(b, c, h, w)`: `(b, 2, h, w)`, across and down, from -1 at the first cell to 1 at the last.

    Source: Liu et al., "An intriguing failing of convolutional neural networks and the CoordConv solution", 2018.
    """
    b, _, h, w = grid.shape
    down, across = (torch.linspace(-1, 1, n, dtype=grid.dtype, device=grid.device) for n in (h, w))
    return torch.stack([across.expand(h, w), down[:, None].expand(h, w)]).expand(b, 2, h, w)


def _resized_to(grid: Tensor, small: Tensor) -> Tensor:
    """F_up: `small`, bilinearly, to the cells of `grid`."""
    return functional.interpolate(small, grid.shape[-2:], mode="bilinear", align_corners=False)
