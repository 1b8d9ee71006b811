"""Retrieval on a held-out split by embeddings alone, under the protocol of `eval.metrics`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from eval.metrics.i2t import recall_i2t
from eval.metrics.mean_recall import mean_recall
from eval.metrics.recall import ScoreMatrix
from eval.metrics.t2i import recall_t2i
from trsllava.encoders.protocol import FloatArray
from trsllava.models.features import ImageTextNetwork
from trsllava.training.augment import symmetries
from trsllava.training.data import CaptionedSet, Pixels

_KS = (1, 5, 10)
_BATCH = 64
_TEXTS = 512


def validate(network: ImageTextNetwork, data: CaptionedSet, inputs: Tensor, size: int) -> dict[str, float]:
    """Recalls and mR in percent, by embeddings alone; `inputs` are those of `data.texts`."""
    pictures = embed_pictures(network, data.pixels, size)
    return retrieval_recalls(caption_scores(pictures, embed_texts(network, inputs), data), data.owner())


def embed_pictures(network: ImageTextNetwork, pixels: Pixels, size: int, views: int = 1) -> FloatArray:
    """Embeddings `(n, d)` float32 of whole pictures at `size`, L2-normalised means over the first 1…8 symmetries."""
    device = _inference(network)
    parts = []
    with torch.inference_mode():
        for start in range(0, len(pixels), _BATCH):
            batch = resized(torch.from_numpy(pixels[start : start + _BATCH]).to(device), size)
            total = torch.stack([network(view).embedding for view in symmetries(batch)[:views]]).sum(0)
            parts.append(functional.normalize(total, dim=-1).cpu().numpy())
    return np.concatenate(parts)


def embed_texts(network: ImageTextNetwork, inputs: Tensor) -> FloatArray:
    """Embeddings `(m, d)` float32 of prepared texts, L2-normalised."""
    device = _inference(network)
    with torch.inference_mode():
        parts = [network.encode_texts(rows.to(device)).cpu().numpy() for rows in torch.split(inputs, _TEXTS)]
    return np.concatenate(parts)


def _inference(network: ImageTextNetwork) -> torch.device:
    """Put the network into inference mode; where it lives."""
    network.eval()
    return next(network.parameters()).device


def resized(pixels: Tensor, size: int) -> Tensor:
    """`(b, 3, h, w)` uint8 to `(b, 3, size, size)` float32 in 0…1, smoothed where it shrinks."""
    if pixels.shape[-1] == size:
        return pixels.float() / 255
    return functional.interpolate(
        pixels.float() / 255, (size, size), mode="bilinear", antialias=True, align_corners=False
    ).contiguous(memory_format=torch.channels_last)


def caption_scores(pictures: FloatArray, texts: FloatArray, data: CaptionedSet) -> ScoreMatrix:
    """Cosines `(q, n)` of every caption, repeats counted, with every picture."""
    scores: ScoreMatrix = (texts @ pictures.T)[data.flat_rows()]
    return scores


def retrieval_recalls(scores: ScoreMatrix, owner: NDArray[np.intp], ks: Sequence[int] = _KS) -> dict[str, float]:
    """Percent: `t2i@k`, `i2t@k` in expectation over ties, and their mean `mR`."""
    t2i, i2t = recall_t2i(scores, owner, ks), recall_i2t(scores, owner, ks)
    found = {f"t2i@{k}": 100 * t2i[k].expected for k in ks} | {f"i2t@{k}": 100 * i2t[k].expected for k in ks}
    found["mR"] = mean_recall([found[f"t2i@{k}"] for k in ks], [found[f"i2t@{k}"] for k in ks])
    return found
