"""What a frozen backbone sees of pictures: one vector, and three grids of growing cells."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from trsllava.models.features import ImageTextNetwork


class Levels(NamedTuple):
    """The local features of b pictures, o_v2 … o_v4; at the paper's sizes H/8, H/16 and H/32."""

    fine: Tensor
    """`(b, d2, 4s, 4s)`, for an s that need not be whole: a trunk halves odd sides to the larger half."""
    middle: Tensor
    """`(b, d3, 2s, 2s)`."""
    coarse: Tensor
    """`(b, d4, s, s)`."""


class Seen(NamedTuple):
    """What the frozen part makes of b pictures; all that CISEN learns from."""

    pooled: Tensor
    """`(b, p)`: what the global feature o_v5 is read from."""
    grids: tuple[Tensor, ...]
    """Three, `(b, c, h, w)` each, in the order of the network; none where only `pooled` is kept."""


class CisenBackbone(nn.Module):
    """An image-text network as CISEN sees it: a frozen trunk, and the way from its pooled output into the space that
    pictures share with texts."""

    network: ImageTextNetwork
    size: int
    """Side in pixels of the pictures it was made for."""

    @property
    @abstractmethod
    def trunk(self) -> nn.Module:
        """The part that never learns."""

    @abstractmethod
    def see(self, pixels: Tensor) -> Seen:
        """`pixels`: `(b, 3, h, w)` float32 in 0…1, h = w."""

    @abstractmethod
    def embed(self, pooled: Tensor) -> Tensor:
        """o_v5 `(b, d)`, not normalised."""

    def new_positions(self) -> tuple[nn.Module, ...]:
        """Position embeddings of texts that are to be learnt anew; none where they are as they came."""
        return ()

    @abstractmethod
    def new_levels(self, layout: Layout) -> nn.Module:
        """New modules that make `Levels` of the grids."""


@dataclass(frozen=True)
class Layout:
    """Shapes of what is seen of a picture of one size; end to end they are one vector, as views are kept on disk."""

    pooled: int
    grids: tuple[tuple[int, int, int], ...]
    """`(c, h, w)` each."""

    @property
    def length(self) -> int:
        """Numbers in all."""
        return self.pooled + sum(c * h * w for c, h, w in self.grids)

    def lay(self, seen: Seen) -> Tensor:
        """One vector a picture, `(b, length, 1, 1)`, the pooled output first."""
        parts = [seen.pooled, *(grid.flatten(1) for grid in seen.grids)]
        return torch.cat(parts, dim=1)[:, :, None, None]

    def seen(self, laid: Tensor) -> Seen:
        """Back from `(b, length, 1, 1)`; without grids from what is cut behind the pooled output."""
        pooled, rest = laid[:, : self.pooled, 0, 0], laid[:, self.pooled :, 0, 0]
        if not rest.shape[1]:
            return Seen(pooled, ())
        parts = torch.split(rest, [c * h * w for c, h, w in self.grids], dim=1)
        grids = (part.reshape(-1, *shape) for part, shape in zip(parts, self.grids, strict=True))
        return Seen(pooled, tuple(grid.contiguous(memory_format=torch.channels_last) for grid in grids))


def layout_of(backbone: CisenBackbone, size: int) -> Layout:
    """What a backbone sees of pictures of `size` pixels a side, found by showing it an empty one."""
    with torch.no_grad():
        seen = backbone.see(torch.zeros(1, 3, size, size))
    return Layout(seen.pooled.shape[1], tuple(_shape(grid) for grid in seen.grids))


def _shape(grid: Tensor) -> tuple[int, int, int]:
    c, h, w = grid.shape[1:]
    return c, h, w
