"""Files whose blocks take long to decode (JPEG 2000): those decoded last are kept for the tiles beside."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio import windows

from trsllava.raster.parts import InParts

_KEPT_BYTES = 3 << 26
"""Of a Sentinel-2 scene, two rows of blocks of red, green and blue have 138 MB: those that a row of tiles can meet."""
_MOST = 9
"""Blocks that a window may meet; a larger one is read in passing."""

_Key = tuple[str, int, int, int, int]


class InBlocks(InParts):
    """An open rasterio dataset that decodes whole blocks, and none twice for tiles beside each other."""

    def _is_worth_keeping(self, window: Any) -> bool:
        return sum(1 for _ in _blocks(window, *self.underlying.block_shapes[0])) <= _MOST

    def _every_band(self, window: Any) -> NDArray[Any]:
        every = np.empty((self.underlying.count, window.height, window.width), self.underlying.dtypes[0])
        for row, col in _blocks(window, *self.underlying.block_shapes[0]):
            block = _LAST.get((*self._file, row, col), partial(self._decoded, row, col))
            top, left = max(row, window.row_off), max(col, window.col_off)
            bottom = min(row + block.shape[1], window.row_off + window.height)
            right = min(col + block.shape[2], window.col_off + window.width)
            to = np.s_[
                :, top - window.row_off : bottom - window.row_off, left - window.col_off : right - window.col_off
            ]
            every[to] = block[:, top - row : bottom - row, left - col : right - col]
        return every

    def _decoded(self, row: int, col: int) -> NDArray[Any]:
        high, wide = self.underlying.block_shapes[0]
        size = (min(wide, self.underlying.width - col), min(high, self.underlying.height - row))
        block: NDArray[Any] = self.underlying.read(window=windows.Window(col, row, *size))
        return block


def _blocks(window: Any, high: int, wide: int) -> Iterator[tuple[int, int]]:
    """The upper left corners (row, column) of the blocks that a window meets."""
    for row in range(window.row_off // high * high, window.row_off + window.height, high):
        for col in range(window.col_off // wide * wide, window.col_off + window.width, wide):
            yield row, col


class _LastBlocks:
    """For the whole process. Two threads may decode the same block; none waits for another's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: OrderedDict[_Key, NDArray[Any]] = OrderedDict()
        self._bytes = 0

    def get(self, key: _Key, decode: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        with self._lock:
            if (kept := self._blocks.get(key)) is not None:
                self._blocks.move_to_end(key)
                return kept
        block = decode()
        with self._lock:
            if key not in self._blocks:
                self._blocks[key] = block
                self._bytes += block.nbytes
            while self._bytes > _KEPT_BYTES:
                self._bytes -= self._blocks.popitem(last=False)[1].nbytes
        return block


_LAST = _LastBlocks()
