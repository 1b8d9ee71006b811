"""What one pass over all pixels of a scene finds out for its tiles: who is empty, and how bright the scene is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trsllava.records import Window

_GRID = 1024
"""Lines of the sampling grid along the longer side: about a million samples a channel, 1 % of which is much more
than percentiles need, and the same ones every time."""

Mask = NDArray[np.bool_]


class Census:
    """Fed with the parts of a scene in any order, each pixel once."""

    def __init__(self, tiles: Sequence[Window], width: int, height: int) -> None:
        self._tiles = tiles
        self._step = -(-max(width, height) // _GRID)
        self._without_data = np.zeros(len(tiles), np.int64)
        self._samples: list[list[NDArray[np.generic]]] = []

    def add(self, part: Window, samples: NDArray[np.generic], valid: Mask | None) -> None:
        """Count a part: `(c, h, w)` samples of the shown channels, and which of them hold data (None: all)."""
        self._sample(part, samples, valid)
        if valid is not None:
            empty: Mask = np.logical_not(np.any(valid, axis=0))
            if empty.any():
                self._count(part, empty)

    def samples(self) -> list[NDArray[np.generic]]:
        """Of each channel the valid samples on a regular grid, 1-D."""
        return [np.concatenate(parts) for parts in self._samples]

    def nodata_shares(self) -> NDArray[np.float64]:
        """`(n,)`: of each tile the share of pixels without data, 0 to 1."""
        areas = np.array([tile.width * tile.height for tile in self._tiles])
        shares: NDArray[np.float64] = self._without_data / areas
        return shares

    def _sample(self, part: Window, samples: NDArray[np.generic], valid: Mask | None) -> None:
        grid = np.s_[-part.row % self._step :: self._step, -part.col % self._step :: self._step]
        self._samples = self._samples or [[] for _ in samples]
        for number, channel in enumerate(samples):
            chosen = channel[grid]
            self._samples[number].append(chosen.ravel().copy() if valid is None else chosen[valid[number][grid]])

    def _count(self, part: Window, empty: Mask) -> None:
        for number, tile in enumerate(self._tiles):
            top, left = max(tile.row - part.row, 0), max(tile.col - part.col, 0)
            bottom = min(tile.row + tile.height - part.row, part.height)
            right = min(tile.col + tile.width - part.col, part.width)
            if top < bottom and left < right:
                self._without_data[number] += np.count_nonzero(empty[top:bottom, left:right])
