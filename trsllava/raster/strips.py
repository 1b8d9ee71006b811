"""Pictures that are stored line by line and are too large to be held whole: the strip read last is kept."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio import windows

from trsllava.raster.damage import MAX_PIXELS, unreadable
from trsllava.raster.parts import InParts

_PROGRESSIVE = re.compile(rb"\xff\xc2\x00[\x0b\x11\x14]\x08")
"""The frame header of a progressive JPEG of 1, 3 or 4 channels of 8 bits."""
_STRIP_BYTES = 1 << 26
"""Tiles are mostly read row by row: of 15,000 pixels in three channels, a strip holds two rows of tiles."""


def check_lines(path: Path, driver: str) -> None:
    """Raises ImageError for a picture whose lines are not stored one after the other, so that it would have to be held
    whole: an interlaced PNG (PNG 11.2.2) or a progressive JPEG (ITU-T T.81, B.1.1.3)."""
    with path.open("rb") as file:
        start = file.read(1 << 16)
    if (driver == "PNG" and start[28:29] == b"\1") or (driver == "JPEG" and _PROGRESSIVE.search(start)):
        raise unreadable(
            path, f"it has more than {MAX_PIXELS:,} pixels and is stored in passes; rewrite it as a tiled GeoTIFF"
        )


class InStrips(InParts):
    """An open rasterio dataset that decodes whole lines at a time, and no line twice for tiles beside each other."""

    def _is_worth_keeping(self, window: Any) -> bool:
        return bool(window.width != self.underlying.width)

    def _every_band(self, window: Any) -> NDArray[Any]:
        every = _LAST.strip(self._file, self.underlying, window.row_off, window.height)
        return every[..., window.col_off : window.col_off + window.width]


class _LastStrip:
    """One strip for the whole process: there is memory for one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: tuple[str, int, int] | None = None
        self._top = 0
        self._lines: NDArray[Any] = np.empty((0, 0, 0), np.uint8)

    def strip(self, file: tuple[str, int, int], dataset: Any, row: int, height: int) -> NDArray[Any]:
        """`(c, height, width)` samples of all bands from a line on."""
        with self._lock:
            below = row - self._top
            if self._file != file or below < 0 or below + height > self._lines.shape[1]:
                line = dataset.width * sum(np.dtype(dtype).itemsize for dtype in dataset.dtypes)
                lines = min(max(height, _STRIP_BYTES // line), dataset.height - row)
                self._file = None
                self._lines = dataset.read(window=windows.Window(0, row, dataset.width, lines))
                self._file, self._top, below = file, row, 0
            return self._lines[:, below : below + height]


_LAST = _LastStrip()
