"""Hits as a search returns them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from trsllava.records import BranchScore, Footprint, Hit, Match, Nearby, Tile, Window

_ROTTERDAM = Footprint(west=4.25, south=51.5, east=4.5, north=51.75)


@pytest.fixture
def make_hit() -> Callable[..., Hit]:
    """A hit with a footprint, a time, two branches and three labels; keyword arguments replace any of it."""

    def make(
        number: int = 1,
        footprint: Footprint | None = _ROTTERDAM,
        acquired: datetime | None = datetime(2024, 5, 17, 10, 31, 5, tzinfo=UTC),
        text: str = "Two cranes stand at the harbor.",
        **other: Any,
    ) -> Hit:
        tile = Tile(
            id=uuid.UUID(int=number),
            sha256="0" * 64,
            window=Window(0, 0, 64, 48),
            footprint=footprint,
            acquired=acquired,
        )
        fields: dict[str, Any] = {
            "tile": tile,
            "paths": ("/data/scenes/harbor/harbor_1.tif",),
            "labels": ("harbor", "crane", "ship"),
            "score": 0.75,
            "relevance": 0.625,
            "branches": {
                "dense": BranchScore(score=0.5, rank=1, share=0.5),
                "bm25": BranchScore(score=12.5, rank=3, share=0.25),
            },
            "near": Nearby(name="Rotterdam", country="NL", km=12.3) if footprint else None,
            "why": Match(variant=1, field="caption", text=text),
        }
        return Hit(**(fields | other))

    return make
