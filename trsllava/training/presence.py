"""Learn to read off a picture's vector what nano sees when it looks at the picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.datasets.captioned import read_captioned
from eval.pictures import load_picture
from indexer.progress import Progress
from trsllava.captioners.nano.impression import CONFIDENCE, Confidence
from trsllava.dialogue.presence import PresenceReader
from trsllava.encoders import shipped
from trsllava.encoders.nano import NanoEncoder
from trsllava.encoders.protocol import FloatArray

DECAY = 3e-4
"""Of the weights, a picture."""
_BATCH = 128


def learn_presence(images: Path, captions: Path, nano: Path | None, progress: Progress) -> PresenceReader:
    """From the pictures of the split `val` of a caption file, whose captions are not read, as the nano of a folder
    (None: the shipped) sees them. Raises CaptionFileError, InputError, EncoderError."""
    folder = nano or shipped.present(shipped.NANO)
    encoder, confidence = NanoEncoder("nano", folder), Confidence.load(folder / CONFIDENCE)
    names = [image.image for image in read_captioned(captions, "val")]
    vectors, logits = [], []
    for start in range(0, len(names), _BATCH):
        progress("look at pictures", start, len(names))
        seen = encoder.see([load_picture(images / name) for name in names[start : start + _BATCH]])
        vectors.append(seen.embedding)
        logits.append(seen.presence * confidence.presence_slope + confidence.presence_offset)
    progress("look at pictures", len(names), len(names))
    return fit_presence(encoder.things, np.concatenate(vectors), np.concatenate(logits))


def fit_presence(names: Sequence[str], vectors: FloatArray, logits: FloatArray) -> PresenceReader:
    """Ridge regressions of what is seen on vectors (knowledge distillation: Hinton et al., 2015).

    Args:
        names: t keywords.
        vectors: `(n, d)` float32, L2-normalised.
        logits: `(n, t)` float32, log-odds that people would speak of the thing.
    """
    centre, usual = vectors.mean(axis=0, dtype=np.float64), logits.mean(axis=0, dtype=np.float64)
    x, y = vectors - centre, logits - usual
    weights = np.linalg.solve(x.T @ x + DECAY * len(x) * np.eye(x.shape[1]), x.T @ y)
    return PresenceReader(
        tuple(names), np.asarray(weights, np.float32), np.asarray(usual - centre @ weights, np.float32)
    )
