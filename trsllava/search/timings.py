"""How long each stage of a search takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

Stage = Literal["understand", "encode", "search", "fuse", "rerank", "explain", "total"]


@dataclass
class Timings:
    """Seconds that a search took, by stage; zero for a stage that it did not need."""

    understand: float = 0.0
    """Reading the query: its language, spelling, exclusions and labels."""
    encode: float = 0.0
    """Running the query's text and picture through the encoders, loading them included where they load late."""
    search: float = 0.0
    """Scoring tiles in the vector store."""
    fuse: float = 0.0
    rerank: float = 0.0
    explain: float = 0.0
    """Telling the words that made each hit, and its chance to be right."""
    total: float = 0.0
    """The whole call; opening the collection counts here alone."""

    @contextmanager
    def measure(self, stage: Stage) -> Iterator[None]:
        """Add what the block takes to a stage."""
        start = perf_counter()
        try:
            yield
        finally:
            setattr(self, stage, getattr(self, stage) + perf_counter() - start)
