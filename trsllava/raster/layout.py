"""How the samples of a file read through GDAL are to be understood: colours, masks, value ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags

from trsllava.raster.census import Mask
from trsllava.raster.damage import check_bands, unreadable
from trsllava.raster.readable import Readable

_FILLED = {"int16": -32768.0, "float32": -9999.0, "float64": -9999.0}

Palette = dict[int, tuple[int, int, int, int]]


@dataclass(frozen=True)
class Layout:
    """Which bands are shown, and which of their samples are data."""

    bands: tuple[int, ...]
    """1-based: red, green and blue, or one for grey or a palette's indexes."""
    palette: Palette | None
    alpha: int | None
    nodata: tuple[float | None, ...]
    """Of each shown band."""
    masked: bool
    """True where the file has a mask of its own beside its bands."""
    floating: bool
    white_is_zero: bool
    """TIFF's MinIsWhite: the smallest value is the brightest."""
    depth: int
    """Bits of a sample that are used."""

    @classmethod
    def of(cls, path: Readable, dataset: Any, bands: tuple[int, ...] | None) -> Layout:
        """The layout of an open file where `bands` are shown (None: its own colours). Raises ImageError."""
        kinds = list(dataset.colorinterp)
        dtypes = set(dataset.dtypes)
        if any(dtype.startswith("complex") for dtype in dtypes):
            raise unreadable(path, "its samples are complex numbers; convert them to amplitudes first")
        if bands is not None:
            check_bands(path, bands, dataset.count)
        paletted = bands is None and kinds[0] == ColorInterp.palette
        shown = bands or ((1,) if paletted else _colour_bands(kinds))
        alpha = kinds.index(ColorInterp.alpha) + 1 if ColorInterp.alpha in kinds else None
        if alpha is not None and bands is not None and "alpha" not in (dataset.descriptions[alpha - 1] or "").lower():
            alpha = None  # GDAL marks any fourth band of 8 bits so, near infrared as well
        flags = dataset.mask_flag_enums[0]
        return cls(
            bands=shown,
            palette=_palette(path, dataset) if paletted else None,
            alpha=alpha if alpha not in shown else None,
            nodata=tuple(_nodata(dataset, band, alone=len(shown) == 1) for band in shown),
            masked=MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags,
            floating=any(dataset.dtypes[band - 1].startswith("float") for band in shown),
            white_is_zero=not paletted and dataset.tags(ns="IMAGE_STRUCTURE").get("MINISWHITE") == "YES",
            depth=_depth(dataset, shown[0]),
        )

    def valid(self, samples: NDArray[np.generic], alpha: NDArray[Any] | None, mask: Mask | None) -> Mask | None:
        """`(c, h, w)`: which samples of the shown bands are data; None: all.

        `alpha` and `mask` are `(h, w)`, where the file has them.
        """
        valid: Mask | None = None
        if any(nodata is not None for nodata in self.nodata) or self.floating:
            valid = np.stack([_has_data(band, nodata) for band, nodata in zip(samples, self.nodata, strict=True)])
        for seen in (mask, None if alpha is None else alpha > 0):
            if seen is not None and not seen.all():
                valid = np.broadcast_to(seen, samples.shape) if valid is None else valid & seen
        return None if valid is None or valid.all() else valid


def _has_data(band: NDArray[np.generic], nodata: float | None) -> Mask:
    floating = band.dtype.kind == "f"
    finite: Mask = np.isfinite(band) if floating else np.ones(band.shape, np.bool_)
    if nodata is None or np.isnan(nodata) or not (floating or float(nodata).is_integer()):
        return finite
    with np.errstate(over="ignore"):
        # the header's nodata value is a double; a float32 band holds the nearest float32 of it
        different: Mask = band != (band.dtype.type(nodata) if floating else int(nodata))
    return finite & different


def _nodata(dataset: Any, band: int, *, alone: bool) -> float | None:
    """As the file states it; elevations and temperatures that state none are filled with values that none can have."""
    stated: float | None = dataset.nodatavals[band - 1]
    return _FILLED.get(dataset.dtypes[band - 1]) if stated is None and alone else stated


def _depth(dataset: Any, band: int) -> int:
    used = dataset.tags(band, ns="IMAGE_STRUCTURE").get("NBITS", "")
    return int(used) if used.isdigit() else int(np.dtype(dataset.dtypes[band - 1]).itemsize * 8)


def _palette(path: Readable, dataset: Any) -> Palette:
    if dataset.dtypes[0] != "uint8":
        raise unreadable(path, f"its palette is indexed by {dataset.dtypes[0]}; only palettes of 256 colours are read")
    try:
        colours: Palette = dataset.colormap(1)
    except ValueError as error:
        raise unreadable(path, "it is a palette image without a palette") from error
    return colours


def _colour_bands(kinds: list[ColorInterp]) -> tuple[int, ...]:
    """The bands to show: those named red, green and blue, else the first three, else the first as grey."""
    named = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]
    if all(kind in kinds for kind in named):
        return tuple(kinds.index(kind) + 1 for kind in named)
    seen = [band for band, kind in enumerate(kinds, start=1) if kind != ColorInterp.alpha] or [1]
    return tuple(seen[:3] if len(seen) >= 3 else seen[:1])
