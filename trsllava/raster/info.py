"""What is known of an image file before any pixel is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trsllava.records import Footprint, Window


@dataclass(frozen=True)
class SceneInfo:
    """An image file that was read to its end and found sound."""

    width: int
    """Pixels, after the EXIF orientation was applied."""
    height: int
    bands: int
    """Channels as stored: 1 for a palette image, 4 for CMYK and for colour with alpha."""
    dtype: str
    """Type of one sample, in numpy's words."""
    driver: str
    """The format, by content and not by suffix: `GTiff`, `JPEG`, `MPO`, `PNG`, `WEBP` or `BMP`."""
    footprint: Footprint | None = None
    north_up: bool = False
    acquired: datetime | None = None
    """UTC; a time that the file states without a zone is taken as UTC."""

    @property
    def window(self) -> Window:
        """The whole image."""
        return Window(0, 0, self.width, self.height)
