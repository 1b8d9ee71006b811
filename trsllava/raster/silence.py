"""Warnings of the libraries below us that our own errors and records already say better."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Python keeps its warning filters in one process-wide list, and images are opened from many threads.
_FILTERS = threading.Lock()


@contextmanager
def without_warnings() -> Iterator[None]:
    """Silence warnings for the few microseconds of opening a file; decoding stays outside, so threads overlap."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
