"""Text vectors bent towards what overhead pictures show (`trsllava.models.calibration`), without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trsllava.encoders.protocol import FloatArray, TextEncoder


@dataclass(frozen=True)
class Calibration:
    """Weights of a learnt calibration: a linear map and a small correction."""

    linear: FloatArray
    """`(d, d)`."""
    inner: FloatArray
    """`(hidden, d)`."""
    inner_bias: FloatArray
    """`(hidden,)`."""
    outer: FloatArray
    """`(d, hidden)`."""
    outer_bias: FloatArray
    """`(d,)`."""

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read an `.npz`. Raises OSError or KeyError for another file."""
        with np.load(path) as arrays:
            names = ("linear", "inner", "inner_bias", "outer", "outer_bias")
            return cls(*(arrays[name].astype(np.float32) for name in names))

    def __call__(self, vectors: FloatArray) -> FloatArray:
        """`(n, d)` L2-normalised to `(n, d)` float32, L2-normalised."""
        scaled = vectors * np.float32(vectors.shape[1] ** 0.5)
        correction = np.maximum(scaled @ self.inner.T + self.inner_bias, 0) @ self.outer.T + self.outer_bias
        bent = vectors @ self.linear.T + np.float32(0.1) * correction
        unit: FloatArray = np.asarray(bent / np.linalg.norm(bent, axis=1, keepdims=True), np.float32)
        return unit


class CalibratedEncoder:
    """A text encoder behind a calibration of its vectors."""

    def __init__(self, encoder: TextEncoder, calibration: Calibration, name: str) -> None:
        """`name`: what tells the calibration from others, part of the encoder's name."""
        self._encoder, self._calibration = encoder, calibration
        self.name, self.dim = f"{encoder.name}+{name}", len(calibration.linear)

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows, in the given order."""
        return self._calibration(self._encoder.encode(texts))
