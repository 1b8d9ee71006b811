"""The pictures of a data set as an image-text encoder sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.datasets.captions import image_key
from eval.datasets.collection import collection_vectors
from indexer.progress import Progress, no_progress
from trsllava.archive import Archive
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


@dataclass(frozen=True)
class PictureSource:
    """Where the pictures of a measurement come by their vectors: the open collection where it has them, else the files
    are looked at."""

    encoder: ImageTextEncoder
    folder: Path | None
    """What image paths are relative to; None: to the folder that the collection indexed."""
    archive: Archive | None
    """The collection whose vectors of the same encoder are used; None: every file is looked at."""
    progress: Progress

    def pictures(self, names: Sequence[str]) -> Pictures:
        """The vectors of images, in their order. Raises InputError for a picture that is nowhere."""
        keys = [image_key(name) for name in names]
        known = collection_vectors(self.archive, self.encoder.name, self.folder) if self.archive else {}
        missing = [key for key in keys if key not in known]
        if missing and self.folder is None:
            raise InputError(
                f"{len(missing)} of {len(names)} images have no vector of {self.encoder.name} to compare texts with, "
                f"the first is {missing[0]}. Name the folder that holds them with ",
                Parameter("images"),
                ".",
            )
        if self.folder is not None:
            seen = picture_vectors(self.encoder, self.folder, missing, self.progress)
            known |= dict(zip(missing, seen, strict=True))
        return Pictures(self.encoder, np.stack([known[key] for key in keys]))


def picture_vectors(
    encoder: ImageTextEncoder,
    folder: Path,
    names: Sequence[str],
    progress: Progress = no_progress,
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
