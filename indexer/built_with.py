"""What a collection is built with, and that nothing else gets into it."""

from __future__ import annotations

from collections.abc import Iterable

from indexer.points import bm25_document
from trsllava.encoders.bm25 import mean_length
from trsllava.encoders.image_text import NO_IMAGES, is_shipped_nano
from trsllava.encoders.protocol import ImageTextEncoder, TextEncoder
from trsllava.errors import Call, CollectionMismatchError, Parameter
from trsllava.ledger.builds import CollectionSchema
from trsllava.records import RichText


def check_encoder(schema: CollectionSchema | None, encoder: TextEncoder) -> None:
    """Raises CollectionMismatchError where a collection was built with another encoder."""
    if schema is not None and (schema.encoder, schema.dense_dim) != (encoder.name, encoder.dim):
        raise CollectionMismatchError(
            f"The collection was built with {schema.encoder} ({schema.dense_dim} dimensions), not with "
            f"{encoder.name} ({encoder.dim}). Leave ",
            Parameter("encoder"),
            " out to keep it, or run ",
            Call("reindex", {"encoder": encoder.name}),
            " to re-encode the stored captions.",
        )


def check_image_encoder(schema: CollectionSchema | None, encoder: ImageTextEncoder | None) -> None:
    """Raises CollectionMismatchError where a collection was built with another image encoder, or with none."""
    name, dim = (encoder.name, encoder.dim) if encoder else ("", None)
    if schema is not None and (schema.image_encoder, schema.image_dim) != (name, dim):
        updated = is_shipped_nano(schema.image_encoder) and is_shipped_nano(name)  # nothing can bring the old one back
        raise CollectionMismatchError(
            f"The collection was built with {_image_words(schema.image_encoder, schema.image_dim)}, not with "
            f"{_image_words(name, dim)}. ",
            *(("Run ",) if updated else ("Leave ", Parameter("image_encoder"), " out to keep it, or run ")),
            Call("reindex", {"image_encoder": name or NO_IMAGES}),
            " to encode the pictures again.",
        )


def _image_words(name: str, dim: int | None) -> str:
    return f"the image encoder {name} ({dim} dimensions)" if name else "no image encoder"


def schema_of(
    encoder: TextEncoder, image_encoder: ImageTextEncoder | None, texts: Iterable[RichText]
) -> CollectionSchema:
    """What a collection of such texts is built with."""
    return CollectionSchema(
        encoder=encoder.name,
        dense_dim=encoder.dim,
        average_length=mean_length(map(bm25_document, texts)),
        image_encoder=image_encoder.name if image_encoder else "",
        image_dim=image_encoder.dim if image_encoder else None,
    )
