"""STAC items that lie beside image files."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from trsllava.raster.times import Span, parse_span

_LONGEST = 1 << 22
"""Bytes: a STAC item is far smaller."""

_TIMES = ("datetime", "start_datetime", "end_datetime")

_SECOND = timedelta(seconds=1)

_log = logging.getLogger(__name__)


def sidecar_time(path: Path) -> Span | None:
    """When an image was acquired after the STAC item beside it, `scene.json` or `scene.tif.json` for `scene.tif`.

    From its `start_datetime` to its `end_datetime` (STAC 1.0, common metadata), else its `datetime`. None where there
    is no item, or none that states a time; a time that is not understood is warned of.
    """
    for beside in (path.with_suffix(".json"), path.with_name(path.name + ".json")):
        properties = _properties(beside)
        if properties is not None:
            stated = {name: _stated(properties, name, beside) for name in _TIMES}
            start, end = stated["start_datetime"], stated["end_datetime"]
            if start and end and start.start <= end.end:
                return Span(start.start, end.start if end.end - end.start < _SECOND else end.end)
            instant = stated["datetime"] or start
            return Span(instant.start, instant.start) if instant else None
    return None


def _properties(beside: Path) -> dict[str, Any] | None:
    """The properties of a STAC item; None where there is none, or none that can be read: the image is still sound."""
    try:
        if beside.stat().st_size > _LONGEST:
            return None
        item = json.loads(beside.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    properties = item.get("properties") if isinstance(item, dict) and item.get("type") == "Feature" else None
    return properties if isinstance(properties, dict) else None


def _stated(properties: dict[str, Any], name: str, beside: Path) -> Span | None:
    stated = properties.get(name)
    span = parse_span(stated) if isinstance(stated, str) else None
    if stated is not None and span is None:
        _log.warning(
            "%s: %s %r is not a time and is ignored. Write it like 2019-06-30T12:00:00Z.", beside, name, stated
        )
    return span
