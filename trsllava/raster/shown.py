"""What the greys of a one-band picture stand for: backscatter, temperature, elevation, in which unit."""

from __future__ import annotations

import re
from typing import Any

from trsllava.raster.layout import Layout
from trsllava.raster.stretch import DECIBELS

_KINDS = (
    ("elevation", re.compile(r"(?<![a-z])(?:dem|dtm|dsm|elevation|srtm|hgt)(?![a-z])")),
    ("temperature", re.compile(r"(?<![a-z])(?:st_b\d+|lst|thermal|temperature)(?![a-z])")),
)


def shown_band(file: str, dataset: Any, layout: Layout, stretch: str) -> dict[str, str | float]:
    """`shown`: the band, and the values that are black and white, `elevation, 12 to 340 m`; empty for colours and for
    samples of 8 bits."""
    band = layout.bands[0]
    kind, _, limits = stretch.partition(":")
    if len(layout.bands) > 1 or layout.palette is not None or dataset.dtypes[band - 1] == "uint8" or not limits:
        return {}
    low, high = map(float, limits.partition("|")[0].split(","))
    if kind == DECIBELS:
        unit = "dB"
    else:
        scale, offset, unit = dataset.scales[band - 1], dataset.offsets[band - 1], dataset.units[band - 1] or ""
        low, high = low * scale + offset, high * scale + offset
    name = dataset.descriptions[band - 1] or _kind(file) or f"band {band}"
    return {"shown": f"{name}, {low:.4g} to {high:.4g} {unit}".strip()[:200]}


def _kind(file: str) -> str:
    name = file.rpartition("/")[2].lower()
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), "")
