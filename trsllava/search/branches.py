"""A query's vector in each branch."""

from __future__ import annotations

from collections.abc import Sequence

from trsllava.encoders.bm25 import Bm25Encoder
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import InputError
from trsllava.records import Branch
from trsllava.store.protocol import QueryVector


def query_vectors(
    text: str, branches: Sequence[Branch], encoder: TextEncoder, bm25: Bm25Encoder
) -> dict[Branch, QueryVector]:
    """Encode a query for each branch; a branch that finds no word it knows in it is left out.

    Raises InputError for a branch that text cannot be encoded for.
    """
    vectors: dict[Branch, QueryVector] = {}
    for branch in branches:
        if branch == "dense":
            vectors[branch] = encoder.encode([text])[0]
        elif branch == "bm25":
            terms = bm25.query(text)
            if len(terms.indices):
                vectors[branch] = terms
        else:
            raise InputError(f"This collection has no branch {branch!r}; it has dense and bm25.")
    return vectors
