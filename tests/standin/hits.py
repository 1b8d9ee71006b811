"""Hits compared: arithmetic over vectors in memory and the engine's own round otherwise in the last place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from trsllava.records import Hit


def same_hits(found: Iterable[Hit], expected: Iterable[Hit]) -> bool:
    """True where all is equal, numbers to rounding."""
    return _same([hit.model_dump() for hit in found], [hit.model_dump() for hit in expected])


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return bool(one == pytest.approx(other, abs=1e-4))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
