"""Radar backscatter: how it is recognised, and shown in decibels."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_POLARISATION = re.compile(r"(?<![a-z0-9])(?:vv|vh|hh|hv)(?![a-z0-9])")
_IN_DECIBELS = re.compile(r"(?<![a-z])db(?![a-z])")


def is_linear_backscatter(file_name: str, band_names: Sequence[str], dtype: str) -> bool:
    """True where a file or its first band is named by a polarisation, as in `s1a-iw-grd-vv-…` and `Sigma0_VV`, and
    neither is said to be in decibels already; 8-bit samples are pictures."""
    if dtype in ("uint8", "int8"):
        return False
    names = [file_name.lower(), *(name.lower() for name in band_names[:1])]
    named = any(_POLARISATION.search(name) for name in names)
    return named and not any(_IN_DECIBELS.search(name) for name in names)


def decibels(samples: NDArray[np.generic]) -> NDArray[np.float64]:
    """Backscatter in decibels: 20 log10 of integers, which are amplitudes (Sentinel-1 GRD), 10 log10 of floating
    numbers, which are power (radiometrically calibrated products). Minus infinity where there is none."""
    factor = 10.0 if samples.dtype.kind == "f" else 20.0
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.float64] = factor * np.log10(np.maximum(samples.astype(np.float64), 0))
    return found
