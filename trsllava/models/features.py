"""What every image-text network of ours has in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn


class Features(NamedTuple):
    """One forward pass over b pictures."""

    embedding: Tensor
    """`(b, d)` float32, L2-normalised; compared with texts."""
    pooled: Tensor
    """`(b, p)`: what the embedding was made of."""
    local: Tensor
    """`(b, cells, w)`: a square grid of cells, row by row."""


class ImageTextNetwork(nn.Module):
    """Two towers into one space."""

    log_scale: nn.Parameter
    """Scalar: log of the inverse temperature of the contrastive loss."""
    dim: int
    """d, length of embeddings."""
    pooled_width: int
    """p."""
    local_width: int
    """w."""

    @abstractmethod
    def forward(self, pixels: Tensor) -> Features:
        """`pixels`: `(b, 3, h, w)` float32 in 0…1."""

    @abstractmethod
    def encode_texts(self, inputs: Tensor) -> Tensor:
        """Inputs of n texts, one a row, to `(n, d)` float32, L2-normalised. What a row holds is the network's own."""


class LayeredNetwork(ImageTextNetwork):
    """One whose first layers can be computed beforehand, where they do not learn."""

    @abstractmethod
    def first(self, layers: int) -> nn.Module:
        """The first `layers`."""

    @abstractmethod
    def up_to(self, layers: int, pixels: Tensor) -> Tensor:
        """What the first `layers` make of pixels `(b, 3, h, w)` float32 in 0…1: `(b, c, h', w')`."""

    @abstractmethod
    def after(self, layers: int, grid: Tensor) -> Features:
        """The rest, from what `up_to` gave."""


class TokenNetwork(ImageTextNetwork):
    """An image-text network that reads texts by a tokenizer of its own."""

    size: int
    """Side in pixels of the pictures it was made for."""
    longest: int
    """Tokens that it reads of a text."""

    @abstractmethod
    def tokenize(self, texts: Sequence[str]) -> Tensor:
        """Token ids `(n, length)` int64 of texts, cut to `longest`."""

    @abstractmethod
    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, none cut."""
