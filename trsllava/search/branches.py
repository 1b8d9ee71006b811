"""Which branches answer a query, and its vector in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.encoders.image_text import ImageTextEncoder
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import InputError
from trsllava.records import Branch, Query
from trsllava.store.protocol import FloatArray, QueryVector


@dataclass(frozen=True)
class Encoders:
    """What a collection's queries are encoded by."""

    text: TextEncoder
    bm25: Bm25Encoder
    image: Callable[[], ImageTextEncoder] | None = None
    """None: the collection has no image vectors. Called when a query needs it, for loading it may take seconds."""

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Every branch that the collection has."""
        return ("dense", "bm25", "image") if self.image else ("dense", "bm25")


def check_query(query: Query) -> None:
    """Raises InputError for a query that asks nothing, or in two ways at once."""
    if query.image is not None and query.text.strip():
        raise InputError("A text and a picture cannot be searched together yet. Give one of them.")
    if query.image is None and not query.text.strip():
        raise InputError("The query is empty. Say what to look for, or give a picture.")


def query_vectors(query: Query, default: Sequence[Branch] | None, encoders: Encoders) -> dict[Branch, QueryVector]:
    """A query's vector in each branch that it names, else in each of `default`, else in each that the collection has;
    by a picture, in the image branch alone. A branch that finds no word it knows in a text is left out.

    Raises InputError for a branch that the collection lacks, or that cannot be searched by a picture.
    """
    if query.image is not None:
        if query.branches not in (None, ("image",)):
            raise InputError("A picture is searched by the branch 'image' alone. Leave --branches out.")
        return {"image": query_vector(query, _image_encoder(encoders))}
    vectors: dict[Branch, QueryVector] = {}
    for branch in query.branches or default or encoders.branches:
        if branch == "dense":
            vectors[branch] = encoders.text.encode([query.text])[0]
        elif branch == "image":
            vectors[branch] = query_vector(query, _image_encoder(encoders))
        else:
            terms = encoders.bm25.query(query.text)
            if len(terms.indices):
                vectors[branch] = terms
    return vectors


def query_vector(query: Query, encoder: ImageTextEncoder) -> FloatArray:
    """What an image-text encoder makes of a query: `(d,)` float32, L2-normalised."""
    image = query.image
    rows = encoder.encode_texts([query.text]) if image is None else encoder.encode_images([image])
    vector: FloatArray = rows[0]
    return vector


def _image_encoder(encoders: Encoders) -> ImageTextEncoder:
    if encoders.image is None:
        raise InputError(
            "This collection has no image vectors, and so no branch 'image'; it has dense and bm25. "
            "`trsllava reindex --image-encoder nano` makes them from its pictures."
        )
    return encoders.image()
