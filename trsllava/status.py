"""How a collection stands, as `Archive.status` tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trsllava.ledger.quality import Outcome
from trsllava.ledger.server_usage import ServerUsage
from trsllava.records import Reason, Recipe, Repair, TileState


@dataclass(frozen=True)
class Status:
    """Read from the ledger alone."""

    collection: str
    folder: Path
    tiles: Mapping[TileState, int]
    captioned_by: Mapping[str, int]
    """Number of tiles by model and prompt."""
    service: ServerUsage
    """What model servers did for it."""
    encoder: str | None
    image_encoder: str | None
    """None where the collection has no image vectors."""
    stale: Mapping[str, int]
    """Number of tiles captioned with an earlier version of a prompt, by that version (`rsrt@1`)."""
    checks: Mapping[Reason | Repair, Outcome]
    """What each quality check led to, and what was undone to read answers."""
    unreadable: Mapping[str, str]
    """Path to reason."""
    quarantined: Mapping[str, str]
    """Tile id to reason."""
    recipe: Recipe | None
    """How tiles are made; None before the first file."""
    skipped: int
    """Tiles left out because there is too little to see in them."""
    waiting: Mapping[str, str]
    """Tile id to the reason why it waits for its caption, where one is known."""
