"""What a vector store does. It speaks in tiles: how a tile's vectors are laid out is the store's own affair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trsllava.records import Branch, Filters
from trsllava.records import FloatArray as FloatArray


@dataclass(frozen=True)
class SparseVector:
    """A BM25 vector: `(nnz,)` uint32 term ids and `(nnz,)` float32 weights."""

    indices: NDArray[np.uint32]
    values: FloatArray


QueryVector = FloatArray | SparseVector
"""`(d,)` float32 for the dense and image branches, sparse for bm25."""


@dataclass(frozen=True)
class StoreSchema:
    """The dimensions a collection was created with."""

    dense_dim: int
    image_dim: int | None = None


@dataclass(frozen=True)
class TilePoint:
    """Everything the store holds of one tile."""

    id: str
    """The tile's UUID."""
    dense: FloatArray
    """`(v, d)` float32, one L2-normalised row a distinct caption."""
    sparse: SparseVector
    image: FloatArray | None = None
    """`(d_image,)` float32, L2-normalised."""
    labels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Every path that holds the tile and all of its parent folders, absolute, POSIX."""
    box: tuple[float, float, float, float] | None = None
    """west, south, east, north in degrees with west in [-180, 180] and east >= west (past 180 at the dateline)."""
    acquired: float | None = None
    """Seconds since 1970 UTC; of an interval, its start."""
    acquired_end: float | None = None
    """Where an interval ends; None for an instant."""
    properties: Mapping[str, str | float] = field(default_factory=dict)
    """What is said of its scene, texts in lower case."""


@dataclass(frozen=True)
class Scored:
    """Tile ids, best first (ties by id), and their `(n,)` float32 scores."""

    ids: list[str] = field(default_factory=list)
    scores: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))


class HeldVectors(Protocol):
    """The vectors of n tiles in memory."""

    @property
    def ids(self) -> list[str]:
        """Sorted."""
        ...

    def scores(self, branch: Branch, vector: QueryVector) -> FloatArray:
        """`(n,)` in the order of `ids`; NaN where a tile is not known, 0 where it shares no word with the query."""
        ...


class VectorStore(Protocol):
    """A place for vectors. Dense and image scores are cosines (dense: the maximum over a tile's captions),
    bm25 scores are BM25 with inverse document frequencies of the whole collection; a tile that shares no word
    with the query has no bm25 score and is left out of bm25 results.
    """

    def exists(self) -> bool:
        """True where the collection has been created."""
        ...

    def create(self, schema: StoreSchema) -> None:
        """Create the empty collection with its payload indexes. Raises CollectionMismatchError where it exists
        with another schema; does nothing where it exists with this one."""
        ...

    def drop(self) -> None:
        """Delete the collection and everything in it; does nothing where it does not exist."""
        ...

    def build(self) -> str:
        """The name of the build that answers: what `swap` last put in place, empty before. Needs no turn."""
        ...

    def beside(self, build: str, schema: StoreSchema) -> AbstractContextManager[VectorStore]:
        """An empty collection to fill beside this one, which goes on answering; deleted where filling it fails."""
        ...

    def swap(self, build: str) -> None:
        """Put what was filled `beside` in this collection's place, in one step. A crash leaves the old or the new."""
        ...

    def sweep(self) -> None:
        """Delete builds that are not in place: what a killed rebuild left. Never while another one runs."""
        ...

    def session(self) -> AbstractContextManager[None]:
        """Hold the store open over several calls. Raises BusyError when others hold it for too long.
        Each call outside a session opens one for itself."""
        ...

    def upsert(self, points: Sequence[TilePoint]) -> None:
        """Write tiles; a tile already there is replaced. Durable when the call returns.
        Raises CollectionMismatchError for a wrong dimension."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove tiles; unknown ids are ignored."""
        ...

    def ids(self) -> list[str]:
        """The ids of all tiles, sorted."""
        ...

    def count(self, filters: Filters | None = None) -> int:
        """How many tiles pass the filters, exactly."""
        ...

    def facet(self, key: str, filters: Filters | None = None, limit: int = 100) -> dict[str, int]:
        """How often each value of `labels` or `sources` occurs among the tiles that pass, most frequent first."""
        ...

    def search(self, branch: Branch, vector: QueryVector, limit: int, filters: Filters | None = None) -> Scored:
        """The best tiles of one branch, by the index (approximate for dense and image)."""
        ...

    def exact(
        self,
        branch: Branch,
        vectors: Sequence[QueryVector],
        ids: Sequence[str] | None = None,
        filters: Filters | None = None,
    ) -> list[Scored]:
        """Exact scores, one `Scored` a query vector, of the given tiles (None: of all) that pass the filters."""
        ...

    def held(self, queries: int) -> HeldVectors | None:
        """The vectors of all tiles, where scoring so many more queries over all of them is cheaper from memory; None:
        ask `exact`. The two give the same scores."""
        ...

    def hold(self) -> None:
        """Fetch what `held` gives before anybody asks for it, where there is room."""
        ...

    def dense_vectors(self, ids: Sequence[str]) -> dict[str, FloatArray]:
        """The `(v, d)` float32 caption vectors of tiles, in the order they were written; unknown ids are left out."""
        ...

    def optimize(self) -> None:
        """Build the index over everything written so far; returns when it is built."""
        ...

    def backup(self, target: Path) -> None:
        """Write the whole collection to a file or folder."""
        ...

    def restore(self, source: Path) -> None:
        """Replace the collection by what `backup` wrote."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
