"""Any transformers CLIP as an image-text encoder, on torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trsllava.encoders.distinct import encode_distinct
from trsllava.encoders.image_text import Picture, squares
from trsllava.encoders.protocol import FloatArray

_BATCH = 32


class ClipEncoder:
    """A CLIP, OpenAI's or a DiaRet fine-tuned one; pictures are stretched to its square."""

    def __init__(self, name: str, device: str = "cpu") -> None:
        """`name`: hub id or folder. Raises OSError, ValueError or RuntimeError where it cannot be loaded."""
        from trsllava.models.clip import load_clip

        folder = Path(name).expanduser()
        self.name = str(folder.absolute()) if folder.is_dir() else name
        self._network = load_clip(self.name).to(device)
        self._device = device
        self.dim = self._network.dim

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
        """Encode texts into `(n, dim)` float32, L2-normalised rows; each distinct text once."""
        return encode_distinct(texts, self._encode_batch, dim=self.dim, batch_size=_BATCH)

    def _encode_batch(self, texts: list[str]) -> FloatArray:
        import torch

        with torch.inference_mode():
            vectors: FloatArray = (
                self._network.encode_texts(self._network.tokenize(texts).to(self._device)).cpu().numpy()
            )
        return vectors
