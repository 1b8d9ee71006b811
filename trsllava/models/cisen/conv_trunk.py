"""nano as a backbone of CISEN: a convolutional trunk has features of several levels by itself."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from trsllava.errors import EncoderError
from trsllava.models.cisen.levels import CisenBackbone, Layout, Levels, Seen
from trsllava.models.efficientnet_lite import Widening
from trsllava.models.nano import Nano, mean_and_highest
from trsllava.models.vision_trunk import VisionTrunk

_PROBE = 64
"""Pixels a side of the picture that finds out where the trunk halves its grid."""


class NanoBackbone(CisenBackbone):
    """The trunk's grids where it is about to halve them, and at its end."""

    network: Nano

    def __init__(self, network: Nano) -> None:
        """Raises EncoderError where the trunk shows no grids of three sizes."""
        super().__init__()
        self.network, self.size = network, network.config.usual_size
        self._taps = _last_of_each_size(network.trunk)

    @property
    def trunk(self) -> nn.Module:
        """The trunk with its weights."""
        return self.network.trunk

    def see(self, pixels: Tensor) -> Seen:
        """`pixels`: `(b, 3, h, w)` float32 in 0…1, h = w."""
        grids = []
        grid = pixels
        for place, layer in enumerate(self.network.trunk):
            grid = layer(grid)
            if place in self._taps:
                grids.append(grid)
        return Seen(mean_and_highest(grid), tuple(grids))

    def embed(self, pooled: Tensor) -> Tensor:
        """o_v5 `(b, d)`, not normalised."""
        return self.network.read(pooled)

    def new_levels(self, layout: Layout) -> nn.Module:
        """Grids as they are, each channel about zero with a spread of one."""
        return Standardised([channels for channels, _, _ in layout.grids])


class Standardised(nn.Module):
    """Each channel by its mean and spread over the training set: those of a pretrained trunk differ by orders."""

    def __init__(self, channels: list[int]) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm2d(width, affine=False) for width in channels)

    def forward(self, grids: tuple[Tensor, ...]) -> Levels:
        """Grids `(b, c, h, w)`, the finest first."""
        return Levels(*(norm(grid) for norm, grid in zip(self.norms, grids, strict=True)))


def _last_of_each_size(trunk: nn.Sequential) -> tuple[int, ...]:
    """Places of the layers that end the last three sizes of grid; not the widening behind them, which sees no more."""
    grid = torch.zeros(1, 3, _PROBE, _PROBE)
    last: dict[int, int] = {}
    was = trunk.training
    trunk.eval()
    with torch.no_grad():
        for place, layer in enumerate(trunk):
            if isinstance(layer, VisionTrunk | Widening):
                break
            grid = layer(grid)
            last[grid.shape[-1]] = place
    trunk.train(was)
    if len(last) < 3:
        raise EncoderError(
            "CISEN needs features of three levels, and this nano's trunk shows fewer. Train it over "
            "efficientnet-lite0, -lite1 or -lite2, from scratch, or take a transformers CLIP."
        )
    return tuple(last.values())[-3:]
