"""What is indexed as one picture, wherever it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trsllava.records import Asset as Asset
from trsllava.records import Footprint


@dataclass(frozen=True)
class SourceScene:
    """What is indexed as one picture, wherever it comes from."""

    name: str
    """Stands in the ledger as the path: the product's folder or metadata file, or the item's place in its source."""
    assets: tuple[Asset, ...]
    """One file with all bands, or red, green and blue in this order."""
    footprint: Footprint | None = None
    acquired: datetime | None = None
    acquired_end: datetime | None = None
    properties: Mapping[str, str | float] = field(default_factory=dict)
    """cloud_cover, platform, gsd, provider …"""
    checksums: tuple[str, ...] = ()
    """Of the assets' content, hexadecimal multihashes (STAC's `file:checksum`), one each; empty where unknown."""


@dataclass
class SceneSource:
    """Scenes that are not just the files of a folder. Walk it once; the notes are complete when that ends."""

    root: str
    """What is indexed, as the ledger writes it: an absolute path, or an address without credentials."""
    scenes: Iterable[SourceScene]
    unreadable: dict[str, str] = field(default_factory=dict)
    """Documents and items that cannot be used, and why."""
    complete: bool = True
    """False where it is a choice out of more: what is missing in it need not be gone."""
