"""Image-text contrastive loss (DiaRet, eq. 6-8), with soft targets where captions say the same."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def contrastive_loss(images: Tensor, texts: Tensor, affinity: Tensor, asking: int, log_scale: Tensor) -> Tensor:
    """Cross-entropy of both softmaxes over a batch's similarities; a scalar.

        S_i2t(i, j) = exp(v_i . c_j / tau) / sum_k exp(v_i . c_k / tau)                               (6)
        S_t2i(j, i) = exp(c_j . v_i / tau) / sum_k exp(c_j . v_k / tau)                               (7)
        L_itc = - mean_i sum_j P_ij log S_i2t(i, j) - mean_j sum_i Q_ji log S_t2i(j, i)               (8)

    P and Q are the affinities normalised over what is ranked; with an affinity of one for each pair and zero elsewhere
    this is the paper's equation 8 exactly.

    Args:
        images: `(b, d)`, L2-normalised.
        texts: `(m, d)`, L2-normalised.
        affinity: `(b, m)`, at least zero: how well a text fits an image.
        asking: the first texts, those of the batch's images, rank images too; the rest is there to be told from.
        log_scale: scalar, log of the inverse temperature 1 / tau; learnt.
    """
    logits = log_scale.clamp(max=4.6052).exp() * images @ texts.T
    i2t = -(_normalised(affinity, 1) * functional.log_softmax(logits, dim=1)).sum(1).mean()
    t2i = -(_normalised(affinity[:, :asking], 0) * functional.log_softmax(logits[:, :asking], dim=0)).sum(0).mean()
    return i2t + t2i


def caption_affinity(own: Tensor, texts: Tensor, temperature: float) -> Tensor:
    """How well each text fits each image, `(b, m)`: the mean over the image's captions of exp((cosine - 1) / T).

    A caption's own text counts 1, a paraphrase a little less, anything else next to nothing.

    Args:
        own: `(b, k, d)` frozen vectors of each image's captions, L2-normalised.
        texts: `(m, d)` frozen vectors, L2-normalised.
        temperature: T; 0 counts equal texts alone.
    """
    cosine = own.flatten(0, 1) @ texts.T
    kernel: Tensor = ((cosine - 1) / temperature).exp() if temperature > 0 else (cosine > 1 - 1e-5).to(cosine)
    return kernel.view(*own.shape[:2], -1).mean(1)


def _normalised(affinity: Tensor, dim: int) -> Tensor:
    return affinity / affinity.sum(dim, keepdim=True).clamp_min(torch.finfo(affinity.dtype).tiny)
