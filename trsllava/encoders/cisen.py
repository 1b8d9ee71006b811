"""A trained CISEN as an image-text encoder, on torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trsllava.encoders.nano import SHRINKING
from trsllava.encoders.network import NetworkEncoder
from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.encoders.squares import squares
from trsllava.records import Picture

if TYPE_CHECKING:
    from trsllava.models.cisen.network import Cisen

CISEN_PARTS = "cisen-parts.pt"
"""The file that tells CISEN's folder from a transformers one (`trsllava.models.cisen.checkpoint` writes it)."""
_BATCH = 32


class CisenEncoder:
    """Pictures by CISEN, stretched to its square; texts as its backbone reads them."""

    def __init__(
        self, name: str, network: Cisen, encode_texts: Callable[[Sequence[str]], FloatArray], device: str = "cpu"
    ) -> None:
        """`encode_texts`: texts into `(n, dim)` float32, L2-normalised rows, each distinct text once."""
        self.name, self.dim = name, network.dim
        self._network, self._device = network.to(device), device
        self._encode_texts = encode_texts

    def encode_images(self, pictures: Sequence[Picture]) -> FloatArray:
        """Encode pictures of any size into `(n, dim)` float32, L2-normalised rows."""
        import torch

        parts = [np.zeros((0, self.dim), np.float32)]
        for start in range(0, len(pictures), _BATCH):
            pixels = squares(pictures[start : start + _BATCH], self._network.config.size, SHRINKING)
            with torch.inference_mode():
                parts.append(self._network(torch.from_numpy(pixels).to(self._device)).embedding.cpu().numpy())
        return np.concatenate(parts)

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows; over-long texts are counted and warned of."""
        return self._encode_texts(texts)


def load_cisen_encoder(folder: Path, device: str, text_encoder: TextEncoder | None = None) -> CisenEncoder:
    """The encoder of a folder that `models.cisen.checkpoint.save_cisen` wrote.

    `text_encoder`: one that is loaded already, used where CISEN was trained with it. Raises EncoderError where its
    text encoder cannot be found; OSError, KeyError, TypeError or RuntimeError where the folder cannot be read.
    """
    from trsllava.encoders.text import load_text_encoder
    from trsllava.models.cisen.checkpoint import load_cisen, text_encoder_of
    from trsllava.models.cisen.vit_levels import ClipBackbone

    name, network = str(folder.absolute()), load_cisen(folder)
    if isinstance(network.backbone, ClipBackbone):
        return CisenEncoder(name, network, NetworkEncoder(name, network.backbone.network, device).encode_texts, device)
    wanted = text_encoder_of(folder)
    if text_encoder is None or text_encoder.name != wanted:
        text_encoder = load_text_encoder(wanted)
    return CisenEncoder(name, network, partial(_bent_texts, network, text_encoder, device), device)


def _bent_texts(network: Cisen, text_encoder: TextEncoder, device: str, texts: Sequence[str]) -> FloatArray:
    """Vectors of the frozen text encoder, bent into nano's space."""
    import torch

    vectors = torch.from_numpy(text_encoder.encode(texts))
    with torch.inference_mode():
        bent: FloatArray = network.encode_texts(vectors.to(device)).cpu().numpy()
    return bent
