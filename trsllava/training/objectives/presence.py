"""Things in the picture, learnt weakly: a caption says that something is there, never where."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from trsllava.models.heads import presence_logits


def presence_loss(thing_map: Tensor, named: Tensor) -> Tensor:
    """Mean binary cross-entropy of things being anywhere in the picture; a scalar.

    Multiple-instance learning: cells are pooled (`presence_logits`) before the loss, so that the grid finds out by
    itself where a thing is.

    Args:
        thing_map: `(b, cells, t)` logits.
        named: `(b, t)` share of the picture's captions that name each thing.
    """
    return functional.binary_cross_entropy_with_logits(presence_logits(thing_map), named)
