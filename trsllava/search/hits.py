"""What a search returns: the hits, and what to know about them."""

from __future__ import annotations

from collections.abc import Iterable

from trsllava.records import Hit
from trsllava.search.coverage import Coverage
from trsllava.search.relevance import doubt
from trsllava.search.understood import Understood


class Hits(list[Hit]):
    """Hits, best first; a list like any other, which also knows how the query was understood and what share of the
    collection was searched."""

    def __init__(self, hits: Iterable[Hit], understood: Understood, coverage: Coverage) -> None:
        super().__init__(hits)
        self.understood = understood
        self.coverage = coverage

    def notices(self) -> list[str]:
        """What to say above the hits: about the query, about hits that are unlikely, about what was not searched."""
        doubted = doubt([hit.relevance for hit in self])
        return self.understood.sentences() + ([doubted] if doubted else []) + self.coverage.sentences()
