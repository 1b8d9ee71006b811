"""DiaRet for training: an image-text network with what its objectives need beside it."""

from __future__ import annotations

from torch import nn

from trsllava.models.features import ImageTextNetwork
from trsllava.models.heads import Heads
from trsllava.models.reasoner import Reasoner


class DiaRet(nn.Module):
    """The network that stays, and the parts that only training asks."""

    def __init__(
        self, network: ImageTextNetwork, *, scenes: int, things: int, identities: int, words: int, longest: int = 64
    ) -> None:
        """`identities`: classes of eq. 9; `words`: vocabulary of eq. 5; each 0 where the objective is not used."""
        super().__init__()
        self.network = network
        self.heads = Heads(network.pooled_width, network.local_width, scenes, things)
        self.identities = nn.Linear(network.dim, identities) if identities else None
        self.reasoner = Reasoner(words, network.local_width, longest=longest) if words else None
