"""STAC items that lie beside image files."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from trsllava.raster.times import parse_time

_LONGEST = 1 << 22
"""Bytes: a STAC item is far smaller."""


def sidecar_time(path: Path) -> datetime | None:
    """When an image was acquired after the STAC item beside it, `scene.json` or `scene.tif.json` for `scene.tif`.

    Its `datetime`, or `start_datetime` where that is null (STAC 1.0, common metadata). None where there is no item.
    """
    for beside in (path.with_suffix(".json"), path.with_name(path.name + ".json")):
        try:
            if beside.stat().st_size > _LONGEST:
                continue
            item = json.loads(beside.read_bytes())
        except (OSError, ValueError, RecursionError):  # no item, or none that can be read: the image is still sound
            continue
        properties = item.get("properties") if isinstance(item, dict) and item.get("type") == "Feature" else None
        if isinstance(properties, dict):
            stated = properties.get("datetime") or properties.get("start_datetime")
            if isinstance(stated, str):
                return parse_time(stated)
    return None
