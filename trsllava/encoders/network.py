"""Image-text networks on torch as encoders: transformers CLIP (DiaRet's too) and SigLIP, open_clip checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trsllava.encoders.distinct import encode_distinct
from trsllava.encoders.limits import warn_of_cut
from trsllava.encoders.protocol import FloatArray
from trsllava.encoders.squares import squares
from trsllava.errors import EncoderError
from trsllava.records import Picture

if TYPE_CHECKING:
    from trsllava.models.features import TokenNetwork

OPEN_CLIP = "open_clip:"
_BATCH = 32


class NetworkEncoder:
    """A network with a tokenizer of its own; pictures are stretched to its square."""

    def __init__(self, name: str, network: TokenNetwork, device: str = "cpu") -> None:
        self.name = name
        self._network = network.to(device)
        self._device = device
        self.dim = network.dim

    def encode_images(self, pictures: Sequence[Picture]) -> FloatArray:
        """Encode pictures of any size into `(n, dim)` float32, L2-normalised rows."""
        import torch

        parts = [np.zeros((0, self.dim), np.float32)]
        for start in range(0, len(pictures), _BATCH):
            pixels = squares(pictures[start : start + _BATCH], self._network.size)
            with torch.inference_mode():
                parts.append(self._network(torch.from_numpy(pixels).to(self._device)).embedding.cpu().numpy())
        return np.concatenate(parts)

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows; over-long texts are counted and warned of."""
        self._cut = 0
        vectors = encode_distinct(texts, self._encode_batch, dim=self.dim, batch_size=_BATCH)
        warn_of_cut(self._cut, len(set(texts)), self._network.longest)
        return vectors

    def _encode_batch(self, texts: list[str]) -> FloatArray:
        import torch

        self._cut += sum(length > self._network.longest for length in self._network.lengths(texts))
        ids = self._network.tokenize(texts).to(self._device)
        with torch.inference_mode():
            vectors: FloatArray = self._network.encode_texts(ids).cpu().numpy()
        return vectors


def load_network_encoder(name: str, device: str) -> NetworkEncoder:
    """Load a transformers CLIP or SigLIP by hub id or folder, or `open_clip:MODEL:CHECKPOINT`.

    Raises EncoderError where open_clip is not installed; OSError, ValueError, KeyError or RuntimeError where there is
    no such network.
    """
    if name.startswith(OPEN_CLIP):
        model, _, file = name.removeprefix(OPEN_CLIP).partition(":")
        checkpoint = Path(file).expanduser().absolute()
        if not file or not checkpoint.is_file():
            raise EncoderError(
                f"{name!r} is not a checkpoint on this machine; write open_clip:MODEL:FILE, as in "
                "open_clip:ViT-B-32:RemoteCLIP-ViT-B-32.pt."
            )
        from trsllava.models.open_clip import load_open_clip

        return NetworkEncoder(f"{OPEN_CLIP}{model}:{checkpoint}", load_open_clip(model, checkpoint), device)
    folder = Path(name).expanduser()
    if folder.is_dir():
        name = str(folder.absolute())  # a collection remembers it from any working folder
    return NetworkEncoder(name, _from_transformers(name), device)


def _from_transformers(name: str) -> TokenNetwork:
    from transformers import AutoConfig

    kind = AutoConfig.from_pretrained(name).model_type
    if kind == "clip":
        from trsllava.models.clip import load_clip

        return load_clip(name)
    if kind == "siglip":
        from trsllava.models.siglip import load_siglip

        return load_siglip(name)
    raise ValueError(f"it is a {kind}; known are clip and siglip")
