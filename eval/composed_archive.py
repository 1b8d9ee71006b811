"""What is known of the images that composed queries rank: by a collection, or made on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval.composed import Composition
from eval.known_images import KnownImages, describe, encode_captions, known_images
from eval.pictures import picture_vectors
from indexer.progress import Progress
from trsllava.archive import Archive
from trsllava.config import Settings, plain
from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.encoders.image_text import NANO, load_image_text_encoder
from trsllava.encoders.text import load_text_encoder
from trsllava.encoders.weights import DEFAULT_MODEL
from trsllava.errors import InputError, Parameter
from trsllava.search.branches import Encoders

_BM25 = Bm25Encoder(1.0)
"""Composed queries have no words counted."""


def known_by_collection(
    settings: Settings, images: Path, names: Sequence[str], how: Composition
) -> tuple[KnownImages, Encoders]:
    """Captions and vectors of the settings' collection, and its encoders. Raises InputError for images that it lacks,
    or lacks the vectors of."""
    with Archive(settings) as archive:
        seen = known_images(archive, images, names)
        text, image = archive.encoder, archive.image_encoder
    if "image" in how.pair and seen.images is None:
        raise InputError(
            "This collection has no image vectors of every image. Compare captions: ",
            Parameter("pair", "dense,dense"),
            ".",
        )
    return seen, Encoders(text, _BM25, None if image is None else lambda: image)


def known_on_the_spot(
    settings: Settings, images: Path, names: Sequence[str], how: Composition, progress: Progress
) -> tuple[KnownImages, Encoders]:
    """What is compared of a folder's pictures and nano's captions of them, and by which encoders. Raises InputError,
    EncoderError."""
    text = load_text_encoder(
        settings.encoder or DEFAULT_MODEL,
        device=settings.device,
        base_url=settings.encoder_url,
        api_key=plain(settings.encoder_api_key),
    )
    looking = load_image_text_encoder(settings.image_encoder or NANO, device=settings.device, text_encoder=text)
    encoders = Encoders(text, _BM25, lambda: looking)
    vectors = picture_vectors(looking, images, names, progress) if "image" in how.pair else None
    if "dense" not in how.pair and not how.edit:
        return KnownImages(tuple(names), vectors), encoders
    texts = describe(images, names, progress)
    progress("encode documents", 0, len(texts))
    return KnownImages(tuple(names), vectors, texts, encode_captions(texts, text)), encoders
