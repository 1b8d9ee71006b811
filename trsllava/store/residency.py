"""Keep what the operating system has cached of a shard's files while the engine opens or closes it.

The engine tells the system to forget a shard's files whenever it lets go of them, which suits a server that rarely
does. Here processes hand a collection to each other, and each would read it from the disk anew. Pages that are mapped
by somebody are not forgotten, so we map those that are in memory for as long as the engine opens or closes.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@contextmanager
def kept_in_memory(folder: Path, largest: int = sys.maxsize) -> Iterator[None]:
    """Keep cached pages of the files below `folder` from being dropped, of those of at most `largest` bytes; does
    nothing where the system is not Linux."""
    with ExitStack() as maps:
        if sys.platform == "linux":
            for path in folder.rglob("*"):
                if path.is_file() and 0 < path.stat().st_size <= largest:
                    maps.enter_context(_mapped(path))
        yield


def give_memory_back() -> None:
    """Return freed memory to the system: the C library would keep what a closed shard took, hundreds of megabytes of a
    large collection. Does nothing where the library is not GNU's."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(ctypes.c_size_t(0))


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as pages:
        values = np.frombuffer(pages, np.uint8)
        # Reading one byte a page puts the page into our page table; those not in memory are not read.
        values[_resident(values) * mmap.PAGESIZE].max(initial=0)
        del values
        yield


def _resident(values: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Numbers of the pages that are in memory."""
    states = np.zeros(-(-values.size // mmap.PAGESIZE), np.uint8)
    failed = ctypes.CDLL(None, use_errno=True).mincore(
        ctypes.c_void_p(values.ctypes.data), ctypes.c_size_t(values.size), ctypes.c_void_p(states.ctypes.data)
    )
    return np.empty(0, np.int64) if failed else np.flatnonzero(states & 1)
