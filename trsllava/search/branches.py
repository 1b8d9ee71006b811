"""Which branches answer a query, and its vector in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

from trsllava.captioners.nano.on_the_spot import described_by_nano
from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.encoders.protocol import ImageTextEncoder, TextEncoder
from trsllava.errors import Call, InputError, Parameter
from trsllava.records import Branch, Part, Picture, Query, RichText
from trsllava.store.protocol import FloatArray, QueryVector


@dataclass(frozen=True)
class Encoders:
    """What a collection's queries are encoded by."""

    text: TextEncoder
    bm25: Bm25Encoder
    image: Callable[[], ImageTextEncoder] | None = None
    """None: the collection has no image vectors. Called when a query needs it, for loading it may take seconds."""
    describe: Callable[[Picture], RichText] = described_by_nano
    """Says in words what a picture shows that the collection knows nothing of."""

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Every branch that the collection has."""
        return ("dense", "bm25", "image") if self.image else ("dense", "bm25")


@dataclass(frozen=True)
class BranchQuery:
    """One thing that the store is asked: what lies near a vector, in a branch."""

    branch: Branch
    vector: QueryVector
    against: bool = False
    """True: what lies near is not wanted (`composed.held_against`)."""


def check_query(query: Query, *, reranked: bool) -> None:
    """Raises InputError for a query that asks nothing, or says what only a query of another kind can. `reranked`: hits
    are to be looked at again."""
    if query.image is None and not query.text.strip() and not query.unwanted:
        raise InputError("The query is empty. Say what to look for, or give a picture.")
    _check_some_weight(query)
    if query.composed:
        check_weight(query.weight)
        if reranked:
            raise InputError("A text and a picture together cannot be re-ranked. Leave ", Parameter("rerank"), " out.")
        if query.branches is not None or query.weights is not None:
            raise InputError(
                "A text and a picture together are compared as ",
                Parameter("pair"),
                " says and weighed by ",
                Parameter("weight"),
                ". Leave ",
                Parameter("branches"),
                " and ",
                Parameter("weights"),
                " out.",
            )
    elif query.weight is not None or query.pair is not None or query.edit:
        raise InputError(
            Parameter("weight"),
            ", ",
            Parameter("pair"),
            " and ",
            Parameter("edit"),
            " need both a text and a picture (",
            Parameter("image"),
            ").",
        )


def _check_some_weight(query: Query) -> None:
    """Raises InputError where a query leaves no weight to any branch that could answer it."""
    answering = query.branches or get_args(Branch)
    if query.weights and len(answering) > 1 and not any(query.weights.get(branch, 1) for branch in answering):
        raise InputError(Parameter("weights"), f" must be above 0 for at least one of {', '.join(answering)}.")


def check_weight(weight: float | None) -> None:
    """Raises InputError for a weight of the text outside 0 to 1."""
    if weight is not None and not 0 <= weight <= 1:
        raise InputError(
            Parameter("weight"),
            f" lies between 0 (the picture alone) and 1 (the text alone); this one is {weight:g}.",
        )


def branch_queries(query: Query, default: Sequence[Branch] | None, encoders: Encoders) -> dict[Part, BranchQuery]:
    """What a query in words or by a picture asks in each branch that it names, else in each of `default`, else in each
    that the collection has; by a picture, in the image branch alone. A branch that finds no word it knows is left out;
    a query that only says what it does not want asks nothing here.

    Raises InputError for a branch that the collection lacks, or that cannot be searched by a picture.
    """
    if query.image is not None:
        if query.branches not in (None, ("image",)):
            raise InputError(
                "A picture is searched by the branch 'image' alone. Leave ", Parameter("branches"), " out."
            )
        return {"image": BranchQuery("image", query_vector(query, image_encoder(encoders)))}
    queries: dict[Part, BranchQuery] = {}
    if not query.text.strip():
        return queries
    for branch in query.branches or default or encoders.branches:
        if branch == "dense":
            queries[branch] = BranchQuery(branch, encoders.text.encode([query.text])[0])
        elif branch == "image":
            queries[branch] = BranchQuery(branch, query_vector(query, image_encoder(encoders)))
        else:
            terms = encoders.bm25.query(query.text)
            if len(terms.indices):
                queries[branch] = BranchQuery(branch, terms)
    return queries


def query_vector(query: Query, encoder: ImageTextEncoder) -> FloatArray:
    """What an image-text encoder makes of a query: `(d,)` float32, L2-normalised."""
    image = query.image
    rows = encoder.encode_texts([query.text]) if image is None else encoder.encode_images([image])
    vector: FloatArray = rows[0]
    return vector


def image_encoder(encoders: Encoders) -> ImageTextEncoder:
    """The collection's image-text encoder. Raises InputError where it has none."""
    if encoders.image is None:
        raise InputError(
            "This collection has no image vectors, and so no branch 'image'; it has dense and bm25. ",
            Call("reindex", {"image_encoder": "nano"}),
            " makes them from its pictures.",
        )
    return encoders.image()
