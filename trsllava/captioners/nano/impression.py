"""What nano makes of one picture: read-outs turned into chances that held on pictures it had not learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trsllava.captioners.nano.sentences import Sentence
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import EncoderError

CONFIDENCE = "confidence.npz"


@dataclass(frozen=True)
class Impression:
    """One picture; every number is a chance, 0…1."""

    evidence: float
    """That the picture shows a place at all, and not noise or nothing."""
    scenes: tuple[tuple[str, float], ...]
    """Kinds of place, likeliest first, given that it shows one."""
    presence: Mapping[str, float]
    """By thing or look: that people would speak of it."""
    places: Mapping[str, FloatArray]
    """By thing or look: `(rows, cols)` logits."""
    sentences: tuple[Sentence, ...]
    """What could be said of it, likeliest first."""


@dataclass(frozen=True)
class Confidence:
    """What turns read-outs into chances, learnt on validation (`trsllava.training.confidence`)."""

    scene_weights: FloatArray
    """`(p, s)` float32."""
    scene_offset: FloatArray
    """`(s,)` float32."""
    presence_slope: FloatArray
    """`()` or `(t,)` float32."""
    presence_offset: FloatArray
    evidence_weights: FloatArray
    """`(p,)` float32."""
    evidence_offset: float

    @classmethod
    def load(cls, path: Path) -> Confidence:
        """Read what `save` wrote. Raises EncoderError."""
        try:
            with np.load(path) as kept:
                arrays = {name: np.asarray(kept[name], np.float32) for name in kept.files}
            return cls(
                arrays["scene_weights"],
                arrays["scene_offset"],
                arrays["presence_slope"],
                arrays["presence_offset"],
                arrays["evidence_weights"],
                float(arrays["evidence_offset"]),
            )
        except (OSError, KeyError, ValueError) as error:
            raise EncoderError(f"{path} cannot be read as nano's confidence: {error}. Train it again.") from error

    def save(self, path: Path) -> None:
        """Write everything as float32 `.npz`."""
        np.savez(path, **{name: np.asarray(value, np.float32) for name, value in vars(self).items()})  # type: ignore[arg-type]

    def scene(self, pooled: FloatArray) -> FloatArray:
        """Chances `(n, s)` of scenes from pooled features `(n, p)`."""
        logits = pooled @ self.scene_weights + self.scene_offset
        powers = np.exp(logits - logits.max(1, keepdims=True))
        chances: FloatArray = powers / powers.sum(1, keepdims=True)
        return chances

    def presence(self, logits: FloatArray) -> FloatArray:
        """Chances `(n, t)` of things from logits `(n, t)`."""
        return _sigmoid(logits * self.presence_slope + self.presence_offset)

    def evidence(self, pooled: FloatArray) -> FloatArray:
        """Chances `(n,)` that pictures show a place, from pooled features `(n, p)`."""
        return _sigmoid(pooled @ self.evidence_weights + self.evidence_offset)


def _sigmoid(logits: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)), np.float32)
