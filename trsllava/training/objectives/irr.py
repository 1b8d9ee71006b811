"""Implicit relation reasoning (DiaRet, eq. 5): masked keywords are guessed from caption and picture."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from trsllava.models.reasoner import MASK


def irr_loss(scores: Tensor, words: Tensor, masked: Tensor) -> Tensor:
    """Mean cross-entropy of the masked words; a scalar, 0 where none is masked.

        L_irr = -1/|M| sum_{i in M} sum_{j in V} y_ij log( exp(m_ij) / sum_k exp(m_ik) )              (5)

    The paper's further factor 1/|V| is a constant and left to the objective's weight.

    Args:
        scores: `(b, length, |V|)`, m.
        words: `(b, length)` int64, the true words.
        masked: `(b, length)` bool, M.
    """
    if not bool(masked.any()):
        return scores.sum() * 0
    return functional.cross_entropy(scores[masked], words[masked])


def mask_keywords(words: Tensor, keywords: Tensor, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Hide each keyword with chance `share`, at least one a caption that has any.

    Args:
        words: `(b, length)` int64.
        keywords: `(b, length)` bool, the words worth hiding.

    Returns:
        the words with `MASK` where hidden, and where that is, `(b, length)` each.
    """
    drawn = torch.rand(words.shape, generator=generator).masked_fill(~keywords, 2.0)
    first = drawn.min(1, keepdim=True).values
    hidden = keywords & ((drawn < share) | (drawn == first))
    return words.masked_fill(hidden, MASK), hidden
