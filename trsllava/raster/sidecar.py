"""STAC items that lie beside image files: when the image was taken, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from trsllava.raster.item_time import time_of_item
from trsllava.raster.outline import footprint_of_item
from trsllava.raster.placement import Geotransform, Placement, Somewhere
from trsllava.raster.times import Span

_LONGEST = 1 << 22
"""Bytes: a STAC item is far smaller."""


def sidecar_time(path: Path) -> Span | None:
    """When an image was acquired after the STAC item beside it, `scene.json` or `scene.tif.json` for `scene.tif`; None
    where there is no item, or none that states a time."""
    for beside in _beside(path):
        item = _item(beside)
        if item is not None:
            return time_of_item(item, str(beside))
    return None


def item_placement(path: Path, width: int, height: int) -> Placement | None:
    """Where an image of `width` x `height` stored pixels lies after the STAC item beside it: by the geotransform of
    the projection extension, pixel by pixel, else the item's outline for the whole and every part of it."""
    for beside in _beside(path):
        item = _item(beside)
        if item is not None:
            outline = footprint_of_item(item)
            return _projected(item, path, width, height) or (
                None if outline is None else Somewhere(outline, "the STAC item's outline")
            )
    return None


def _beside(path: Path) -> tuple[Path, Path]:
    return path.with_suffix(".json"), path.with_name(path.name + ".json")


def _item(beside: Path) -> dict[str, Any] | None:
    """A STAC item; None where there is none, or none that can be read: the image is still sound."""
    try:
        if beside.stat().st_size > _LONGEST:
            return None
        item = json.loads(beside.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    is_item = isinstance(item, dict) and item.get("type") == "Feature" and isinstance(item.get("properties"), dict)
    return item if is_item else None


def _projected(item: dict[str, Any], path: Path, width: int, height: int) -> Placement | None:
    """By `proj:transform`, `proj:shape` and the CRS, of the asset that is this image before those of the item."""
    from affine import Affine
    from rasterio.crs import CRS

    assets = item.get("assets")
    named = [
        asset
        for asset in (assets.values() if isinstance(assets, dict) else ())
        if isinstance(asset, dict) and str(asset.get("href", "")).rpartition("/")[2] == path.name
    ]
    stated = item["properties"] | {key: value for asset in named for key, value in asset.items()}
    code = stated.get("proj:code") or stated.get("proj:epsg") or stated.get("proj:wkt2")
    try:
        rows, cols = (float(side) for side in stated["proj:shape"])
        a, b, c, d, e, f = (float(number) for number in stated["proj:transform"][:6])
        across, down = cols / width, rows / height  # this image may be a smaller one of the scene
        crs = CRS.from_epsg(code) if isinstance(code, int) else CRS.from_user_input(code)
        transform = Affine(a * across, b * down, c, d * across, e * down, f)
        return None if transform.is_degenerate else Geotransform(transform, crs)
    except Exception:  # what is not stated, or broken; the errors of rasterio's CRS have no public base class
        return None
