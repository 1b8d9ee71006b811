"""Scenes by a pattern of file names, as `red=*_B4.TIF,green=*_B3.TIF,blue=*_B2.TIF` describes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from trsllava.raster.sensors import BandPattern
from trsllava.sources.scene import Asset, SourceScene


def scenes(folder: Path, names: Sequence[str], pattern: BandPattern) -> list[SourceScene]:
    """A scene for each file that fits the pattern of red and has its green and blue beside it: those whose names have
    the same where the stars stand. It is named by its red file."""
    by_key: list[dict[tuple[str, ...], str]] = []
    for glob in pattern:
        expression = re.compile("(.*)".join(map(re.escape, glob.split("*"))), re.IGNORECASE)
        by_key.append({match.groups(): name for name in names if (match := expression.fullmatch(name))})
    red, green, blue = by_key
    return [
        SourceScene(
            (folder / name).as_posix(), tuple(Asset((folder / n).as_posix()) for n in (name, green[key], blue[key]))
        )
        for key, name in red.items()
        if key in green and key in blue
    ]
