"""The pictures of a data set as an image-text encoder sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.progress import Progress
from trsllava.encoders.protocol import FloatArray, ImageTextEncoder
from trsllava.errors import ImageError, InputError, Parameter
from trsllava.raster.scene import inspect, read_rgb
from trsllava.records import Picture, Window

_BATCH = 256


@dataclass(frozen=True)
class Pictures:
    """n pictures, and the encoder that compares them with texts."""

    encoder: ImageTextEncoder
    vectors: FloatArray
    """`(n, d)` float32, L2-normalised."""


def picture_vectors(
    encoder: ImageTextEncoder,
    folder: Path,
    names: Sequence[str],
    progress: Progress = lambda stage, done, total: None,
) -> FloatArray:
    """Vectors `(n, d)` float32 of a folder's pictures. Raises InputError."""
    parts = [np.empty((0, encoder.dim), np.float32)]
    for start in range(0, len(names), _BATCH):
        progress("look at pictures", start, len(names))
        parts.append(encoder.encode_images([load_picture(folder / name) for name in names[start : start + _BATCH]]))
    progress("look at pictures", len(names), len(names))
    return np.concatenate(parts)


def load_picture(path: Path) -> Picture:
    """`(h, w, 3)` uint8, as `trsllava index` shows it by itself. Raises InputError that names the file."""
    try:
        info = inspect(path)
        return read_rgb(path, Window(0, 0, info.width, info.height), info.rendering)
    except ImageError as error:
        raise InputError(
            f"A picture cannot be read: {error}. Paths of pictures are relative to ", Parameter("images"), "."
        ) from error
