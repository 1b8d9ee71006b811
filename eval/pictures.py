"""The pictures of a data set as an image-text encoder sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from trsllava.encoders.image_text import Picture
from trsllava.encoders.nano import NanoEncoder
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import InputError

_BATCH = 256


def embed_folder(
    encoder: NanoEncoder,
    folder: Path,
    names: Sequence[str],
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> tuple[FloatArray, FloatArray]:
    """Embeddings `(n, d)` and scene logits `(n, scenes)` of a folder's pictures. Raises InputError."""
    sights = []
    for start in range(0, len(names), _BATCH):
        progress("look at pictures", start, len(names))
        sights.append(encoder.see([load_picture(folder / name) for name in names[start : start + _BATCH]]))
    progress("look at pictures", len(names), len(names))
    return np.concatenate([s.embedding for s in sights]), np.concatenate([s.scene for s in sights])


def load_picture(path: Path) -> Picture:
    """Raises InputError that names the file."""
    try:
        with Image.open(path) as opened:
            return np.asarray(opened.convert("RGB"))
    except (OSError, UnidentifiedImageError) as error:
        raise InputError(
            f"{path} cannot be read as a picture: {error}. Its path is taken from the caption file, relative to "
            "--images."
        ) from error
