"""What one pass over all pixels of a scene finds out for its tiles: who is empty, and how bright the scene is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
        self._tiles = np.array(tiles, np.int64).reshape(-1, 4)
        self._step = -(-max(width, height) // _GRID)
        self._without_data = np.zeros(len(tiles), np.int64)
        self._values: list[dict[int, float]] = [{} for _ in tiles]
        """Of each tile the one value of each channel so far, by channel."""
        self._flat = np.ones(len(tiles), np.bool_)
        """Tiles that show one colour so far."""
        self._samples: list[list[NDArray[np.generic]]] = []

    def add(self, part: Window, samples: NDArray[np.generic], valid: Mask | None) -> None:
        """Count a part: `(c, h, w)` samples of the shown channels, and which of them hold data (None: all)."""
        self._sample(part, samples, valid)
        self._compare(part, samples, valid)
        if valid is not None:
            empty: Mask = np.logical_not(np.any(valid, axis=0))
            if empty.any():
                self._count(part, empty)

    def samples(self) -> list[NDArray[np.generic]]:
        """Of each channel the valid samples on a regular grid, 1-D."""
        return [np.concatenate(parts) for parts in self._samples]

    def empty_shares(self) -> NDArray[np.float64]:
        """`(n,)`: of each tile the share of pixels with nothing to see, 0 to 1: those without data, or all of them
        where the others have one value, as the blocks of a sparse file have that were never written.

        An image that is a single tile may be of one colour on purpose: there that value must be zero.
        """
        areas = self._tiles[:, 2] * self._tiles[:, 3]
        whole = len(self._tiles) == 1
        flat = self._flat & np.array([not whole or not any(values.values()) for values in self._values])
        shares: NDArray[np.float64] = np.where(flat, 1.0, self._without_data / areas)
        return shares

    def _sample(self, part: Window, samples: NDArray[np.generic], valid: Mask | None) -> None:
        grid = np.s_[-part.row % self._step :: self._step, -part.col % self._step :: self._step]
        self._samples = self._samples or [[] for _ in samples]
        for number, channel in enumerate(samples):
            chosen = channel[grid]
            self._samples[number].append(chosen.ravel().copy() if valid is None else chosen[valid[number][grid]])

    def _compare(self, part: Window, samples: NDArray[np.generic], valid: Mask | None) -> None:
        """Only tiles that have shown nothing but one value so far are looked at: of a scene, hardly any for long."""
        for number, place in self._within(part, self._flat):
            for channel, values in enumerate(samples):
                seen = values[place] if valid is None else values[place][valid[channel][place]]
                if seen.size:
                    first = self._values[number].setdefault(channel, seen.flat[0])
                    self._flat[number] &= bool((seen == first).all())

    def _count(self, part: Window, empty: Mask) -> None:
        for number, place in self._within(part, np.ones_like(self._flat)):
            self._without_data[number] += np.count_nonzero(empty[place])

    def _within(self, part: Window, among: Mask) -> Iterator[tuple[int, tuple[slice, slice]]]:
        """Those of some tiles that a part meets, each with the rows and columns of the part that it holds."""
        left, top = self._tiles[:, 0] - part.col, self._tiles[:, 1] - part.row
        right, bottom = left + self._tiles[:, 2], top + self._tiles[:, 3]
        met = among & (left < part.width) & (right > 0) & (top < part.height) & (bottom > 0)
        for number in np.flatnonzero(met):
            yield (
                int(number),
                np.s_[max(top[number], 0) : bottom[number], max(left[number], 0) : right[number]],
            )
