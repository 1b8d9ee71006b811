"""What a search returns: the hits, and what to know about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from trsllava.records import Hit
from trsllava.search.coverage import Coverage
from trsllava.search.ranking import RankedTile
from trsllava.search.relevance import doubt
from trsllava.search.timings import Timings
from trsllava.search.understood import Understood


@dataclass(frozen=True)
class RankingResult:
    """Tiles, best first, and what to know about them."""

    tiles: list[RankedTile]
    understood: Understood
    coverage: Coverage
    timings: Timings


@dataclass(frozen=True, eq=False)
class SearchResult(Sequence[Hit]):
    """The hits, best first, used like a list: loop over them, take their `len`, index or slice them. Equal to any
    sequence of the same hits."""

    hits: Sequence[Hit]
    understood: Understood
    """The query as it was searched: spelling, exclusions, language, unknown words, filters."""
    coverage: Coverage
    """How much of the collection was searched."""
    timings: Timings
    """Seconds by stage."""

    def notices(self) -> list[str]:
        """What to say above the hits: about the query, about hits that are unlikely, about what was not searched."""
        doubted = doubt([hit.relevance for hit in self.hits])
        return self.understood.sentences() + ([doubted] if doubted else []) + self.coverage.sentences()

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Hit]: ...
    def __getitem__(self, index: int | slice) -> Hit | Sequence[Hit]:
        return self.hits[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as a list
