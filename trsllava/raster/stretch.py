"""From samples of any type to 8 bits: what a stretch is called, where its limits come from, how it is applied."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trsllava.errors import InputError
from trsllava.raster.radar import decibels

AUTO = "percentile:2,98"
"""For samples of more than 8 bits: a few very bright or dark pixels must not take the contrast of all others."""

DECIBELS = "db"
"""For radar: between the 2nd and the 98th percentile of the decibels."""

_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_WISH = re.compile(rf"(percentile|range|db):{_NUMBER},{_NUMBER}")

_LARGEST = 1e300
"""Damaged floats may be larger; the difference of two of these is still a number."""

Range = tuple[float, float]


def check_stretch(wish: str) -> None:
    """Raises InputError unless it is `auto`, `none`, `db`, `percentile:a,b` (0 <= a < b <= 100), or `range:a,b` or
    `db:a,b` (a < b)."""
    match = _WISH.fullmatch(wish)
    if match:
        low, high = float(match[2]), float(match[3])
        if low < high < math.inf and (match[1] != "percentile" or (low >= 0 and high <= 100)):
            return
    elif wish in ("auto", "none", DECIBELS):
        return
    raise InputError(
        f"The stretch {wish!r} is not known. Use auto, none, percentile:2,98 (0 to 100, the smaller first), "
        "range:0,3000 (the smaller first), or for radar db or db:-25,0."
    )


def wanted_percentiles(wish: str) -> Range | None:
    """The two percentiles of `percentile:a,b`, in percent; None for another stretch."""
    match = _WISH.fullmatch(wish)
    return (float(match[2]), float(match[3])) if match and match[1] == "percentile" else None


def percentiles(samples: Sequence[NDArray[np.generic]], wanted: Range) -> str:
    """The stretch between two percentiles of each channel's samples (1-D, valid ones only), as `range:…`."""
    return format_ranges([_between(channel, wanted) for channel in samples])


def decibel_percentiles(samples: Sequence[NDArray[np.generic]]) -> str:
    """The stretch between the 2nd and the 98th percentile of each channel's decibels, as `db:…`."""
    shown = [levels[np.isfinite(levels)] for levels in map(decibels, samples)]
    return percentiles(shown, (2.0, 98.0)).replace("range", DECIBELS, 1)


def format_ranges(ranges: Sequence[Range]) -> str:
    """`range:low,high|…` with seven significant digits; a single one where all channels have the same."""
    distinct = ranges[:1] if len(set(ranges)) == 1 else ranges
    return "range:" + "|".join(f"{low:.7g},{high:.7g}" for low, high in distinct)


def to_8bit(samples: NDArray[np.generic], stretch: str) -> NDArray[np.uint8]:
    """Map `(c, h, w)` samples of any real type to uint8, linearly between the limits of a rendering's stretch: of the
    samples, or of their decibels.

    Raises InputError for a stretch that is no rendering's: `none` for other samples than uint8, or neither `range:…`
    nor `db:…`.
    """
    if stretch == "none" and samples.dtype == np.uint8:
        return samples.astype(np.uint8, copy=False)
    ranges = _parse_ranges(stretch)
    if len(ranges) not in (1, len(samples)):
        raise InputError(f"the stretch {stretch!r} has {len(ranges)} ranges for {len(samples)} channels")
    if stretch.startswith(DECIBELS):
        samples = decibels(samples)
    mapped = np.empty(samples.shape, np.uint8)
    exact = np.float32 if samples.dtype.itemsize <= 2 else np.float64
    for number, channel in enumerate(samples):
        low, high = ranges[number % len(ranges)]
        with np.errstate(invalid="ignore", over="ignore"):  # damaged floats may be anything at all
            bright = channel.astype(exact)
            bright -= low
            bright *= 255 / (high - low)
            np.nan_to_num(bright, copy=False)
            mapped[number] = np.rint(np.clip(bright, 0, 255, out=bright), out=bright)
    return mapped


def _between(samples: NDArray[np.generic], wanted: Range) -> Range:
    if not samples.size:
        return 0.0, 1.0
    sane = np.clip(samples.astype(np.float64), -_LARGEST, _LARGEST)
    low, high = (float(f"{limit:.7g}") for limit in np.percentile(sane, wanted))
    # a channel of one value has no contrast to stretch: it stays dark
    return (low, high) if low < high else (low, low + max(1.0, abs(low) * 1e-3))


def _parse_ranges(stretch: str) -> list[Range]:
    kind, _, limits = stretch.partition(":")
    found = [re.fullmatch(rf"{_NUMBER},{_NUMBER}", pair) for pair in limits.split("|")]
    ranges = [(float(match[1]), float(match[2])) for match in found if match]
    if kind not in ("range", DECIBELS) or len(ranges) != len(found) or any(low >= high for low, high in ranges):
        raise InputError(f"the stretch {stretch!r} is not known; use 'none' for 8-bit samples, or 'range:low,high'")
    return ranges
