"""When a scene was acquired, as its STAC item says."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from trsllava.raster.times import Span, parse_span

_TIMES = ("datetime", "start_datetime", "end_datetime")
_SECOND = timedelta(seconds=1)

_log = logging.getLogger(__name__)


def time_of_item(item: Mapping[str, Any], place: str) -> Span | None:
    """From an item's `start_datetime` to its `end_datetime` (STAC 1.0, common metadata), else its `datetime`.

    None where it states no time; one that is not understood is warned of, with the item's `place`.
    """
    stated = item.get("properties")
    properties = stated if isinstance(stated, dict) else {}
    instant, start, end = (_written(properties, name, place) for name in _TIMES)
    if start and end and start.start <= end.end:
        return Span(start.start, end.start if end.end - end.start < _SECOND else end.end)
    found = instant or start
    return Span(found.start, found.start) if found else None


def _written(properties: Mapping[str, Any], name: str, place: str) -> Span | None:
    written = properties.get(name)
    span = parse_span(written) if isinstance(written, str) else None
    if written is not None and span is None:
        _log.warning(
            "%s: %s %r is not a time and is ignored. Write it like 2019-06-30T12:00:00Z.", place, name, written
        )
    return span
