"""Sentinel-1 products (SAFE, ground range detected): a TIFF for each polarisation, placed by ground control points."""

from __future__ import annotations

import re
from pathlib import Path

from trsllava.sources.products.metadata import read_xml, stated, text, texts, time
from trsllava.sources.scene import Asset, SourceScene

METADATA = "manifest.safe"
_SHOWN = ("vv", "hh", "vh", "hv")
"""The polarisation that is shown: the one that is sent and received alike tells more of the ground."""
_MEASURED = re.compile(r"^s1[a-d]-[a-z0-9]+-grd[a-z]?-(vv|vh|hh|hv)-", re.IGNORECASE)
_METRES = {"F": 5.0, "H": 10.0, "M": 40.0}
"""Pixel of full, high and medium resolution in interferometric wide swath, the usual mode."""


def scenes(folder: Path) -> list[SourceScene]:
    """The scene of a product's folder, in its most telling polarisation; none where it is no such product."""
    manifest = folder / METADATA
    root = read_xml(manifest) if manifest.is_file() else None
    measured = {
        match[1].lower(): path
        for path in sorted((folder / "measurement").glob("*.tif*"))
        if (match := _MEASURED.match(path.name))
    }
    shown = next((name for name in _SHOWN if name in measured), None)
    if root is None or shown is None:
        return []
    number = text(root, "number")
    level = re.search(r"_GRD([FHM])_", folder.name.upper())
    return [
        SourceScene(
            folder.as_posix(),
            (Asset(measured[shown].as_posix()),),
            acquired=time(text(root, "startTime")),
            acquired_end=time(text(root, "stopTime")),
            properties=stated(
                platform=f"sentinel-1{number}".lower(),
                constellation="sentinel-1",
                instruments="c-sar",
                provider="ESA",
                gsd=_METRES[level[1]] if level else None,
                mode=text(root, "mode"),
                orbit=text(root, "pass").lower(),
                polarisation=shown.upper(),
                polarisations=", ".join(dict.fromkeys(texts(root, "transmitterReceiverPolarisation"))),
            ),
        )
    ]
