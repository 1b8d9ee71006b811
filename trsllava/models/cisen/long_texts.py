"""A CLIP that reads longer texts: position embeddings are interpolated (section 5.2.1 of the paper: 328 tokens)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from trsllava.models.clip import Clip

PAPER_LENGTH = 328
"""Tokens, in place of CLIP's 77."""


def lengthen_texts(network: Clip, length: int) -> bool:
    """Have a CLIP read `length` tokens of a text; False where it does so already."""
    if length == network.longest:
        return False
    embeddings: Any = network.model.text_model.embeddings
    old = embeddings.position_embedding
    weight = interpolated(old.weight.detach(), length)
    embeddings.position_embedding = nn.Embedding(length, weight.shape[1], _weight=weight)
    embeddings.position_ids = torch.arange(length, device=weight.device)[None]
    network.model.config.text_config.max_position_embeddings = length
    network.tokenizer.model_max_length = length
    network.longest = length
    return True


def interpolated(positions: Tensor, length: int) -> Tensor:
    """Embeddings `(n, width)` of n places as `(length, width)`: linear between neighbours, the ends as they are."""
    return functional.interpolate(positions.T[None], length, mode="linear", align_corners=True)[0].T.contiguous()
