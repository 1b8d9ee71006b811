"""Pictures of a measurement: vectors of the open collection where it has them, else the files are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eval.pictures import Pictures
    from indexer.progress import Progress
    from trsllava.archive import Archive
    from trsllava.config import Settings
    from trsllava.encoders.protocol import ImageTextEncoder


@dataclass(frozen=True)
class Seeing:
    """How pictures come by their vectors."""

    encoder: ImageTextEncoder
    folder: Path | None
    """What image paths are relative to; None: to the folder that the collection indexed."""
    archive: Archive | None
    """The collection whose vectors of the same encoder are used; None: every file is looked at."""
    progress: Progress

    def pictures(self, names: Sequence[str]) -> Pictures:
        """The vectors of images, in their order. Raises InputError for a picture that is nowhere."""
        import numpy as np

        from eval.datasets.captions import image_key
        from eval.datasets.collection import collection_vectors
        from eval.pictures import Pictures, picture_vectors
        from trsllava.errors import InputError

        keys = [image_key(name) for name in names]
        known = collection_vectors(self.archive, self.encoder.name, self.folder) if self.archive else {}
        missing = [key for key in keys if key not in known]
        if missing and self.folder is None:
            raise InputError(
                f"{len(missing)} of {len(names)} images have no vector of {self.encoder.name} to compare texts with, "
                f"the first is {missing[0]}. Name the folder that holds them with --images."
            )
        if self.folder is not None:
            seen = picture_vectors(self.encoder, self.folder, missing, self.progress)
            known |= dict(zip(missing, seen, strict=True))
        return Pictures(self.encoder, np.stack([known[key] for key in keys]))


def image_encoder_of(archive: Archive) -> ImageTextEncoder:
    """The archive's image encoder. Raises InputError where it has none."""
    from trsllava.errors import InputError

    if archive.image_encoder is None:
        raise InputError("The branch 'image' needs an image encoder; name one with --image-encoder, such as nano.")
    return archive.image_encoder


def without_collection(settings: Settings) -> Settings:
    """Settings that name the default encoders where they name none: the open collection's do not count."""
    from trsllava.encoders.image_text import NANO
    from trsllava.encoders.weights import DEFAULT_MODEL

    encoders = {"encoder": settings.encoder or DEFAULT_MODEL, "image_encoder": settings.image_encoder or NANO}
    return settings.model_copy(update=encoders)
