"""What a strategy is asked for and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trsllava.raster.values import Grid

Value = str | int | float
Row = Mapping[str, Value]


@dataclass(frozen=True)
class SamplePoint:
    """A place to take a picture of."""

    id: str
    """Unique within a sample; fit for a file name."""
    longitude: float
    latitude: float
    properties: Mapping[str, Value]
    """Why it was chosen: region, class, index, grid cell, tags."""


@dataclass(frozen=True)
class Layer:
    """What a map shows beneath the points."""

    grid: Grid
    kinds: NDArray[np.int8]
    """`(grid.height, grid.width)`; 0 is left blank."""
    names: Mapping[int, str]


@dataclass(frozen=True)
class Table:
    """Numbers for the page."""

    title: str
    rows: Sequence[Row]
    note: str = ""


@dataclass(frozen=True)
class Sample:
    """The points that were chosen, and the numbers that led to them."""

    points: Sequence[SamplePoint]
    figures: Mapping[str, Value]
    """By name, in the order to print them in."""
    tables: Sequence[Table] = ()
    layer: Layer | None = None
    notes: Sequence[str] = field(default=())
    """Sentences for whoever asked, such as why there are fewer points than wanted."""


class Strategy(Protocol):
    """A way to choose places."""

    @property
    def name(self) -> str:
        """As it is asked for."""
        ...

    @property
    def asked(self) -> Mapping[str, Value]:
        """What it was made with, by name, for the page."""
        ...

    def sample(self, count: int, seed: int) -> Sample:
        """At most `count` points; equal seeds give equal ones. Raises InputError, ImageError."""
        ...
