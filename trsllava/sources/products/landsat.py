"""Landsat Collection 2, levels 1 and 2: a GeoTIFF for each band beside `…_MTL.txt`, `.json` or `.xml`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trsllava.sources.products.metadata import number, read_json, read_text, read_xml, stated, time
from trsllava.sources.scene import Asset, SourceScene

METADATA = re.compile(r"^(L[COTEM]0\d_L\w{3}_\d{6}_\d{8}_\d{8}_\d\d_\w\d)_MTL\.(txt|json|xml)$", re.IGNORECASE)
_KINDS = ("txt", "json", "xml")
"""Of several metadata files of a scene, which says the same: the first that is there is its name."""
_NEW, _OLD = ("4", "3", "2"), ("3", "2", "1")
"""Red, green and blue since Landsat 8, and of TM and ETM+ before."""
_LINE = re.compile(r'^\s*(\w+)\s*=\s*"?(.*?)"?\s*$', re.MULTILINE)


def scenes(folder: Path, names: Sequence[str]) -> dict[str, SourceScene]:
    """Scenes of a folder of these file names, by the beginning of the names of all their files."""
    metadata: dict[str, dict[str, str]] = {}
    for name in names:
        if match := METADATA.match(name):
            metadata.setdefault(match[1], {})[match[2].lower()] = name
    found = {}
    for prefix, files in metadata.items():
        name = next(files[kind] for kind in _KINDS if kind in files)
        if scene := _scene(folder / name, prefix, names):
            found[prefix] = scene
    return found


def _scene(metadata: Path, prefix: str, names: Sequence[str]) -> SourceScene | None:
    told = _flat(metadata)
    red_green_blue = _NEW if prefix[2:4] >= "08" else _OLD
    files = [_band(prefix, band, names) for band in red_green_blue]
    if not all(files):
        return None
    cloud = number(told.get("CLOUD_COVER"))
    clock = told.get("SCENE_CENTER_TIME", "")
    return SourceScene(
        metadata.as_posix(),
        tuple(Asset((metadata.parent / file).as_posix()) for file in files if file),
        acquired=time(f"{told.get('DATE_ACQUIRED', prefix.split('_')[3])}T{clock}" if clock else _date(told, prefix)),
        properties=stated(
            platform=told.get("SPACECRAFT_ID", "").lower().replace("_", "-"),
            constellation="landsat",
            instruments=told.get("SENSOR_ID", "").lower(),
            gsd=number(told.get("GRID_CELL_SIZE_REFLECTIVE")) or 30.0,
            provider="USGS",
            cloud_cover=None if cloud is None or cloud < 0 else cloud,
            product=told.get("PROCESSING_LEVEL", prefix.split("_")[1]),
        ),
    )


def _date(told: Mapping[str, str], prefix: str) -> str:
    return told.get("DATE_ACQUIRED") or prefix.split("_")[3]


def _band(prefix: str, band: str, names: Sequence[str]) -> str | None:
    """Surface reflectance before what the satellite saw."""
    wanted = [re.compile(rf"{prefix}_{kind}B{band}\.TIFF?", re.IGNORECASE) for kind in ("SR_", "")]
    return next((name for pattern in wanted for name in names if pattern.fullmatch(name)), None)


def _flat(path: Path) -> dict[str, str]:
    """All statements of a metadata file, its groups left out; of a name that stands twice the first."""
    if path.suffix.lower() == ".json":
        return _leaves(read_json(path))
    if path.suffix.lower() == ".xml":
        root = read_xml(path)
        return {} if root is None else {e.tag: (e.text or "").strip() for e in reversed(list(root.iter()))}
    return dict(reversed(_LINE.findall(read_text(path))))


def _leaves(document: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in document.items() if isinstance(document, dict) else ():
        for inner, stated_value in (_leaves(value) if isinstance(value, dict) else {name: str(value)}).items():
            found.setdefault(inner, stated_value)
    return found
