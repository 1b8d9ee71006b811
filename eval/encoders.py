"""The encoders that a measurement uses, with an open collection or without."""

from __future__ import annotations

from trsllava.archive import Archive
from trsllava.config import Settings
from trsllava.encoders.image_text import NANO
from trsllava.encoders.protocol import ImageTextEncoder
from trsllava.encoders.weights import DEFAULT_MODEL
from trsllava.errors import InputError, Parameter


def image_encoder_of(archive: Archive) -> ImageTextEncoder:
    """The archive's image encoder. Raises InputError where it has none."""
    if archive.image_encoder is None:
        raise InputError(
            "The branch 'image' needs an image encoder; name one with ", Parameter("image_encoder"), ", such as nano."
        )
    return archive.image_encoder


def without_collection(settings: Settings) -> Settings:
    """Settings that name the default encoders where they name none: the open collection's do not count."""
    encoders = {"encoder": settings.encoder or DEFAULT_MODEL, "image_encoder": settings.image_encoder or NANO}
    return settings.model_copy(update=encoders)
