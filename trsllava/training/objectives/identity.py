"""Identity loss (DiaRet, eq. 9)."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def identity_loss(logits: Tensor, identities: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of a softmax classifier over identities; a scalar.

        L_id = -1/B sum_i log( exp(W_{y_i} . v_i) / sum_k exp(W_k . v_i) )                            (9)

    Args:
        logits: `(b, k)`, W_k . v_i of a linear classifier over image embeddings.
        identities: `(b,)` class numbers, or `(b, k)` shares of classes that sum to one (blended pictures).
        smoothing: share of the target spread over all classes; 0 is the paper's equation.
    """
    return functional.cross_entropy(logits, identities, label_smoothing=smoothing)
