"""Which of a STAC item's assets are shown: the true-colour file, else red, green and blue, else what there is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

_COLOURS = ("red", "green", "blue")
_SUFFIXES = {".tif", ".tiff", ".jp2", ".png", ".jpg", ".jpeg", ".webp", ".vrt"}
_NEVER = {"metadata", "cloud", "cloud-shadow", "snow-ice", "water-mask", "saturation", "data-mask"}
"""Roles of files that are about the picture, and no picture."""


def shown_assets(assets: Mapping[str, Any]) -> list[tuple[str, tuple[int, ...]]]:
    """Keys of the assets to show, and their bands (1-based; empty: the reader's own choice): one asset, or red, green
    and blue. Empty where no asset is a picture."""
    pictures = {key: asset for key, asset in assets.items() if isinstance(asset, dict) and _is_picture(asset)}
    for key, asset in pictures.items():
        if key.lower() == "visual" or "visual" in _roles(asset):
            return [(key, ())]
    if found := _in_one(pictures) or _in_three(pictures):
        return found
    for wanted in ("data", "overview", "", "thumbnail"):
        for key, asset in pictures.items():
            roles = _roles(asset) or {key.lower()}
            if wanted in roles or (not wanted and not roles & {"thumbnail", "overview"}):
                return [(key, ())]
    return []


def _is_picture(asset: Mapping[str, Any]) -> bool:
    href, kind = asset.get("href"), str(asset.get("type") or "")
    if not isinstance(href, str) or not href or _roles(asset) & _NEVER:
        return False
    suffix = PurePosixPath(href.partition("?")[0].partition("#")[0]).suffix.lower()
    return kind.startswith("image/") or (not kind and suffix in _SUFFIXES)


def _roles(asset: Mapping[str, Any]) -> set[str]:
    roles = asset.get("roles")
    return {role for role in roles if isinstance(role, str)} if isinstance(roles, list) else set()


def _colours(key: str, asset: Mapping[str, Any]) -> list[str]:
    """The common name of each band (`bands` of STAC 1.1, `eo:bands` before), else the key where it is a colour."""
    names = [
        str(band.get("eo:common_name") or band.get("common_name") or band.get("name") or "").lower()
        for band in _bands(asset, "bands", "eo:bands")
    ]
    return names or ([key.lower()] if key.lower() in _COLOURS else [])


def _in_one(pictures: Mapping[str, Any]) -> list[tuple[str, tuple[int, ...]]]:
    """An asset that has all three colours, the bands of which are picked unless they are the whole of it."""
    for key, asset in pictures.items():
        names = _colours(key, asset)
        if set(_COLOURS) <= set(names) and not _roles(asset) & {"thumbnail", "overview"}:
            bands = tuple(names.index(colour) + 1 for colour in _COLOURS)
            return [(key, () if bands == (1, 2, 3) and len(names) == 3 else bands)]
    return []


def _in_three(pictures: Mapping[str, Any]) -> list[tuple[str, tuple[int, ...]]]:
    """An asset for each colour; of several the one with the finest pixels."""
    single = {
        colour: [key for key, asset in pictures.items() if _colours(key, asset) == [colour]] for colour in _COLOURS
    }
    if not all(single.values()):
        return []
    return [(min(keys, key=lambda key: _pixel(pictures[key])), ()) for keys in single.values()]


def _pixel(asset: Mapping[str, Any]) -> float:
    """Metres a pixel, as far as the item tells."""
    bands = _bands(asset, "raster:bands", "bands")
    stated = [asset.get("gsd"), *(band.get("spatial_resolution") or band.get("gsd") for band in bands)]
    sizes = [float(size) for size in stated if isinstance(size, int | float)]
    return min(sizes, default=float("inf"))


def _bands(asset: Mapping[str, Any], *names: str) -> list[Mapping[str, Any]]:
    """What is said of an asset's bands, under the first of some names that says anything."""
    said = next((bands for name in names if (bands := asset.get(name))), ())
    return [band for band in said if isinstance(band, dict)] if isinstance(said, list) else []
