"""Heads on an image network: which scene, which things, and roughly where."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from trsllava.models.features import Features


class Heads(nn.Module):
    """Linear read-outs; a thing is looked for in every cell of the grid."""

    def __init__(self, pooled_width: int, local_width: int, scenes: int, things: int) -> None:
        super().__init__()
        self.scene = nn.Linear(pooled_width, scenes)
        self.thing = nn.Linear(local_width, things)

    def scene_logits(self, features: Features) -> Tensor:
        """`(b, scenes)`."""
        logits: Tensor = self.scene(features.pooled).float()
        return logits

    def thing_map(self, features: Features) -> Tensor:
        """Logits of each thing in each cell, `(b, cells, things)`."""
        logits: Tensor = self.thing(features.local).float()
        return logits


def presence_logits(thing_map: Tensor, sharpness: float = 4.0) -> Tensor:
    """Logits `(b, things)` that a thing is anywhere: log-mean-exp over cells, between mean and maximum.

    Source: Pinheiro & Collobert, "From Image-level to Pixel-level Labeling with Convolutional Networks", CVPR 2015,
    eq. 6.
    """
    return (torch.logsumexp(sharpness * thing_map, dim=1) - math.log(thing_map.shape[1])) / sharpness
