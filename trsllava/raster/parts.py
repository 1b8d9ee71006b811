"""Open files that are decoded in parts larger than the windows asked for: the parts are kept for the tiles beside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from numpy.typing import NDArray


class InParts(ABC):
    """An open rasterio dataset, read by way of such parts."""

    def __init__(self, path: Path, dataset: Any) -> None:
        status = path.stat()
        self.underlying = dataset
        self._file = (str(path), status.st_mtime_ns, status.st_size)
        """What tells it from other files, and from what it was before."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.underlying, name)

    def read(self, indexes: Any = None, window: Any = None, out_shape: Any = None, **options: Any) -> NDArray[Any]:
        """As rasterio's `read`."""
        if window is None or _is_resized(window, out_shape) or not self._is_worth_keeping(window):
            samples: NDArray[Any] = self.underlying.read(indexes, window=window, out_shape=out_shape, **options)
            return samples
        every = self._every_band(window)
        if indexes is None:
            return every
        return every[indexes - 1] if isinstance(indexes, int) else every[[index - 1 for index in indexes]]

    @abstractmethod
    def _is_worth_keeping(self, window: Any) -> bool:
        """False for a window that is better read in passing."""

    @abstractmethod
    def _every_band(self, window: Any) -> NDArray[Any]:
        """`(c, h, w)` samples of a window."""


def _is_resized(window: Any, shape: Any) -> bool:
    """True where a window is read at another size than its own."""
    return shape is not None and tuple(shape[-2:]) != (window.height, window.width)
