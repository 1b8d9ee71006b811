"""What a data set holds: its pictures, and what is told of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trsllava.records import Footprint, RichText

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class DataSetImage:
    """One picture, with all that is known of it."""

    id: str
    """Unique within the data set; fit for a file name."""
    image: Path
    """Relative to the data set's folder: `images/ID.png`."""
    split: str
    """One of `SPLITS`."""
    labels: tuple[str, ...]
    """Names, mostly of the third level: a land-cover class may map no deeper than the second."""
    label_paths: tuple[tuple[str, str, str], ...]
    """The same labels with their first and second levels, in the same order."""
    text: RichText | None
    """Its captions; None where there are none."""
    footprint: Footprint
    acquired: datetime | None
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    source: str
    """Name of the scene's file that it was cut from."""
    properties: Mapping[str, str | float]
    """Why its place was chosen, and what else was measured."""


@dataclass(frozen=True)
class DataSetAbout:
    """What is told of a whole data set."""

    name: str
    description: str
    license: str
    """An SPDX identifier or a sentence; empty where none was stated."""
    created: datetime
    area: tuple[float, float, float, float]
    """West, south, east, north in degrees."""
    labels_name: str
    """Name and version of the label tree."""
    counts: Mapping[str, int]
    """Pictures by split."""
    captioner: str
    prompt: str
    """Id and version; empty where the captioner is asked with none."""
    seed: int
