"""A scene as its source describes it: its files, its place, its time and its properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trsllava.records import Footprint


@dataclass(frozen=True)
class Asset:
    """A raster file of a scene, and which of its bands are wanted."""

    href: str
    """An absolute path, or an http(s) or s3 URL."""
    bands: tuple[int, ...] = ()
    """Counted from 1; empty: the reader's own choice."""


@dataclass(frozen=True)
class SourceScene:
    """What is indexed as one picture, wherever it comes from."""

    name: str
    """Stands in the ledger as the path: the product's folder or metadata file, or the item's URL."""
    assets: tuple[Asset, ...]
    """One file with all bands, or red, green and blue in this order."""
    footprint: Footprint | None = None
    acquired: datetime | None = None
    acquired_end: datetime | None = None
    properties: Mapping[str, str | float] = field(default_factory=dict)
    """`cloud_cover` (percent), `platform`, `gsd` (metres), `provider`, …"""
