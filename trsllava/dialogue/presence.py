"""What a picture's vector alone tells of the things in it: an indexed picture need not be looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trsllava.dialogue.gallery import Presence
from trsllava.encoders import shipped
from trsllava.encoders.image_text import is_shipped_nano
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import EncoderError


@dataclass(frozen=True)
class PresenceReader:
    """Logistic regressions on the vectors of one image-text encoder, one a keyword (`training.presence`)."""

    names: tuple[str, ...]
    """t keywords of the lexicon."""
    weights: FloatArray
    """`(d, t)` float32."""
    offsets: FloatArray
    """`(t,)` float32."""

    @classmethod
    def load(cls, path: Path) -> PresenceReader:
        """Read what `save` wrote. Raises EncoderError."""
        try:
            with np.load(path) as kept:
                names: Sequence[str] = kept["names"].tolist()
                return cls(tuple(names), kept["weights"].astype(np.float32), kept["offsets"].astype(np.float32))
        except (OSError, KeyError, ValueError) as error:
            raise EncoderError(f"{path} does not hold the weights of presence. Reinstall trsllava.") from error

    def save(self, path: Path) -> None:
        """Write everything as `.npz`, in half precision."""
        np.savez(
            path,
            names=np.array(self.names),
            weights=self.weights.astype(np.float16),
            offsets=self.offsets.astype(np.float16),
        )

    def read(self, vectors: FloatArray) -> Presence:
        """Of n pictures' vectors `(n, d)` float32, L2-normalised; a row of NaN (not looked at) stays so."""
        logits = vectors @ self.weights + self.offsets
        return Presence(self.names, np.asarray(0.5 * (1 + np.tanh(0.5 * logits)), np.float32))


def presence_of(vectors: FloatArray, encoder: str) -> Presence | None:
    """What the vectors `(n, d)` of an image-text encoder tell; None where nothing was learnt for it.

    Raises EncoderError where an installation lacks the weights.
    """
    return PresenceReader.load(shipped.present(shipped.PRESENCE)).read(vectors) if is_shipped_nano(encoder) else None
