"""PlanetScope scenes: one GeoTIFF of four or eight bands, or a true-colour one, beside `…_metadata.json` or `.xml`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trsllava.errors import ImageError
from trsllava.sources.products.metadata import number, read_json, read_xml, stated, text, time
from trsllava.sources.scene import Asset, SourceScene

_SCENE = re.compile(r"^(\d{8}_\d{6}(?:_\d\d)?_[0-9a-f]{4})_", re.IGNORECASE)
_PICTURE = re.compile(r"_(?:3[AB]_)?(Visual|AnalyticMS|Analytic|BasicAnalytic\w*)(?=[_.])", re.IGNORECASE)
_COMPOSITE = re.compile(r"^composite(?:_file_format)?\.tiff?$", re.IGNORECASE)
_COLOURS = ("red", "green", "blue")
_BLUE_FIRST = {4: (3, 2, 1), 8: (6, 4, 2)}
"""Red, green and blue of files with so many bands."""


def scenes(folder: Path, names: Sequence[str]) -> dict[str, SourceScene]:
    """Scenes of a folder of these file names, by the beginning of the names of all their files; a composite of
    several scenes is one."""
    documents = [name for name in names if re.search(r"_metadata(?:_clip)?\.(?:json|xml)$", name, re.IGNORECASE)]
    composite = next((name for name in names if _COMPOSITE.match(name)), None)
    if composite and documents:
        return {"composite": _scene(folder, composite, documents)}
    found = {}
    for prefix in dict.fromkeys(match[1] for name in names if (match := _SCENE.match(name))):
        own = [name for name in names if name.startswith(f"{prefix}_")]
        picture = _picture(own)
        about = [name for name in documents if name in own]
        if picture and about:
            found[prefix] = _scene(folder, picture, about)
    return found


def _picture(names: Sequence[str]) -> str | None:
    """The true-colour picture, else surface reflectance, else radiance."""
    pictures = [
        name
        for name in names
        if _PICTURE.search(name) and name.lower().endswith((".tif", ".tiff")) and "udm" not in name.lower()
    ]
    return min(pictures, key=_preference, default=None)


def _preference(name: str) -> tuple[bool, bool, str]:
    return "visual" not in name.lower(), "_sr" not in name.lower(), name


def _scene(folder: Path, picture: str, documents: Sequence[str]) -> SourceScene:
    told = [_told(folder / name) for name in sorted(documents)]
    about: dict[str, Any] = {key: value for one in reversed(told) for key, value in one.items()}
    times = sorted(filter(None, (time(one.get("acquired")) for one in told)))
    name = next((name for name in sorted(documents) if name.lower().endswith(".json")), sorted(documents)[0])
    cloud = number(about.get("cloud_cover"))
    percent = number(about.get("cloud_percent"))
    return SourceScene(
        (folder / name).as_posix(),
        (Asset((folder / picture).as_posix(), _bands(folder / picture)),),
        acquired=times[0] if times else None,
        acquired_end=times[-1] if len(set(times)) > 1 else None,
        properties=stated(
            platform=str(about.get("satellite_id") or "").lower(),
            constellation="planetscope",
            instruments=str(about.get("instrument") or "").lower(),
            gsd=number(about.get("pixel_resolution")) or number(about.get("gsd")),
            provider="Planet Labs",
            cloud_cover=percent if percent is not None else None if cloud is None else 100 * cloud,
        ),
    )


def _told(path: Path) -> Mapping[str, Any]:
    """A scene's properties; the cloud cover of JSON is a share, that of XML a percentage."""
    if path.suffix.lower() == ".json":
        document = read_json(path)
        properties = document.get("properties", document) if isinstance(document, dict) else {}
        return properties if isinstance(properties, dict) else {}
    root = read_xml(path)
    if root is None:
        return {}
    return {
        "acquired": text(root, "acquisitionDateTime", "acquisitionDate"),
        "satellite_id": text(root, "serialIdentifier"),
        "instrument": text(root, "shortName"),
        "pixel_resolution": text(root, "resolution"),
        "cloud_percent": text(root, "cloudCoverPercentage"),
    }


def _bands(picture: Path) -> tuple[int, ...]:
    """Which bands are red, green and blue; empty where the file's own colours are meant."""
    from trsllava.raster.geotiff import opened

    if "visual" in picture.name.lower():
        return ()
    try:
        with opened(picture) as dataset:
            names = [(name or "").lower() for name in dataset.descriptions]
            if set(_COLOURS) <= set(names):
                return tuple(names.index(colour) + 1 for colour in _COLOURS)
            return _BLUE_FIRST.get(dataset.count, ())
    except ImageError:  # the reader says what is wrong with the file
        return ()
