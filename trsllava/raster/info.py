"""What is known of an image file once it has been read from end to end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trsllava.records import Footprint, Rendering, Window


@dataclass(frozen=True)
class SceneTile:
    """One picture cut from a scene, and where it lies."""

    window: Window
    """Of the upright picture."""
    footprint: Footprint | None = None
    north_up: bool = False


@dataclass(frozen=True)
class SceneInfo:
    """An image file that was read to its end and found sound, and the tiles a recipe makes of it."""

    width: int
    """Pixels, after the EXIF orientation was applied."""
    height: int
    bands: int
    """Channels as stored: 1 for a palette image, 4 for CMYK and for colour with alpha."""
    dtype: str
    """Type of one sample, in numpy's words."""
    driver: str
    """The format, by content and not by suffix: `GTiff`, `JPEG`, `MPO`, `PNG`, `WEBP`, `JP2OpenJPEG` …; `stack` for
    a file a colour."""
    rendering: Rendering
    """The same for all tiles."""
    tiles: tuple[SceneTile, ...]
    """Row by row, without those that show too little."""
    skipped: int = 0
    """Tiles left out because more of their pixels than allowed hold no data, or all the others one value."""
    footprint: Footprint | None = None
    north_up: bool = False
    acquired: datetime | None = None
    """UTC; a time that is stated without a zone is taken as UTC. Of an interval, its start."""
    acquired_end: datetime | None = None
    """Where an interval ends; None for an instant."""
    properties: Mapping[str, str | float] = field(default_factory=dict)
    """What must be known to read the picture rightly: `shown` (of one band: which, and what is black and white) and
    `placed_by` (how the place is known, where that is not exact)."""

    @property
    def window(self) -> Window:
        """The whole image."""
        return Window(0, 0, self.width, self.height)
