"""Where the windows of an upright picture lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trsllava.raster.beside import placed_beside
from trsllava.raster.info import SceneTile
from trsllava.raster.orientation import Orientation
from trsllava.raster.placement import Placement, placement_of
from trsllava.raster.readable import Readable
from trsllava.records import Window


@dataclass(frozen=True)
class Place:
    """How a picture is placed, and how its stored pixels were turned to set it upright."""

    placement: Placement | None
    width: int
    """Of the upright picture, in pixels."""
    height: int
    oriented: Orientation

    @classmethod
    def of_dataset(cls, file: Readable, dataset: Any, width: int, height: int, oriented: Orientation) -> Place:
        """Of an open rasterio dataset: by the file itself, else by what lies beside it."""
        placement = placement_of(dataset)
        if placement is None and isinstance(file, Path):
            placement = placed_beside(file, dataset.width, dataset.height)
        return cls(placement, width, height, oriented)

    def tile(self, window: Window) -> SceneTile:
        """A window of the upright picture, and where it lies."""
        if self.placement is None:
            return SceneTile(window)
        stored = self.oriented.stored(window, self.width, self.height)
        footprint = self.placement.footprint(stored)
        upright = self.oriented == Orientation() and self.placement.is_north_up(stored)
        return SceneTile(window, footprint, footprint is not None and upright)

    @property
    def whole(self) -> SceneTile:
        """The whole picture."""
        return self.tile(Window(0, 0, self.width, self.height))

    def told(self) -> dict[str, str | float]:
        """How the place is known, where that is not exact, as a property."""
        return {"placed_by": self.placement.told} if self.placement is not None and self.placement.told else {}
