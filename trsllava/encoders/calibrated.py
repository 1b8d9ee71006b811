"""Text vectors bent towards what overhead pictures show: the projection that nano learnt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trsllava.encoders.protocol import FloatArray, TextEncoder


def projected(vectors: FloatArray, projection: FloatArray) -> FloatArray:
    """`vectors` `(n, d)` through `projection` `(d, d)`, L2-normalised again."""
    bent = vectors @ projection.T
    unit: FloatArray = np.asarray(bent / np.linalg.norm(bent, axis=1, keepdims=True), np.float32)
    return unit


class CalibratedEncoder:
    """A text encoder behind a learnt projection of its vectors."""

    def __init__(self, encoder: TextEncoder, projection: FloatArray, name: str) -> None:
        """`projection`: `(d, d)` float32; `name`: what tells it from others, part of the encoder's name."""
        self._encoder, self._projection = encoder, projection
        self.name, self.dim = f"{encoder.name}+{name}", len(projection)

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows, in the given order."""
        return projected(self._encoder.encode(texts), self._projection)
