"""TIFF, GeoTIFF and COG, through GDAL (rasterio)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image
from rasterio import windows
from rasterio.enums import ColorInterp

from trsllava.errors import ImageError
from trsllava.raster.damage import check_bands, check_dtype, check_file, check_size, check_window, unreadable
from trsllava.raster.footprint import footprint_of, is_north_up
from trsllava.raster.info import SceneInfo
from trsllava.raster.picture import on_black
from trsllava.raster.silence import without_warnings
from trsllava.raster.times import parse_time
from trsllava.records import Rendering, Window

_SAMPLES_AT_ONCE = 1 << 24


def inspect(path: Path) -> SceneInfo:
    """Decode a TIFF to its last pixel and say what it is and where it lies. Raises ImageError."""
    with _opened(path) as dataset:
        check_dtype(path, dataset.dtypes[0])
        check_size(path, dataset.width, dataset.height)
        for part in _strips(dataset):
            dataset.read(window=part)
        whole = Window(0, 0, dataset.width, dataset.height)
        located = dataset.crs is not None and not dataset.transform.is_identity
        return SceneInfo(
            width=dataset.width,
            height=dataset.height,
            bands=dataset.count,
            dtype="uint8",
            driver="GTiff",
            footprint=footprint_of(dataset.transform, dataset.crs, whole) if located else None,
            north_up=located and is_north_up(dataset.transform, dataset.crs, whole),
            acquired=parse_time(dataset.tags().get("TIFFTAG_DATETIME", "")),
        )


def read_rgb(path: Path, window: Window, rendering: Rendering) -> NDArray[np.uint8]:
    """Read the window as `(window.height, window.width, 3)` uint8. Raises ImageError."""
    with _opened(path) as dataset:
        check_dtype(path, dataset.dtypes[0])
        check_window(path, window, dataset.width, dataset.height)
        check_size(path, window.width, window.height)
        part = windows.Window(*window)
        if rendering.bands is not None:
            check_bands(path, rendering.bands, dataset.count)
            return _channels_last(dataset.read(rendering.bands, window=part))
        kinds = list(dataset.colorinterp)
        if kinds[0] == ColorInterp.palette:
            return _through_palette(dataset.read(1, window=part), dataset.colormap(1))
        colours = _colour_bands(kinds)
        if ColorInterp.alpha not in kinds:
            return _channels_last(dataset.read(colours, window=part))
        samples = dataset.read([*colours, kinds.index(ColorInterp.alpha) + 1], window=part)
        return np.array(on_black(Image.fromarray(_channels_last(samples))))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    check_file(path)
    # A tile's identity is the hash of this one file, so files beside it (.tfw, .aux.xml, .ovr) must not
    # change what is read; it also spares GDAL the listing of a folder with a million files.
    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_PAM_ENABLED="NO"):
        try:
            with without_warnings():
                dataset = rasterio.open(path, driver="GTiff")
        except Exception as error:
            raise unreadable(path, f"the TIFF file is damaged ({error})") from error
        with dataset:
            try:
                yield dataset
            except ImageError:
                raise
            except Exception as error:  # GDAL's errors have no public base class
                raise unreadable(
                    path, f"the TIFF file is damaged or cut short ({error.__cause__ or error})"
                ) from error


def _strips(dataset: Any) -> Iterator[windows.Window]:
    """Full-width windows of whole block rows, few enough samples each to spare memory."""
    block = dataset.block_shapes[0][0]
    rows = block * max(1, _SAMPLES_AT_ONCE // (block * dataset.width * dataset.count))
    for row in range(0, dataset.height, rows):
        yield windows.Window(0, row, dataset.width, min(rows, dataset.height - row))


def _colour_bands(kinds: list[ColorInterp]) -> list[int]:
    """The 1-based bands to show as red, green and blue: those so named, else the first three, else grey."""
    named = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]
    if all(kind in kinds for kind in named):
        return [kinds.index(kind) + 1 for kind in named]
    seen = [band for band, kind in enumerate(kinds, start=1) if kind != ColorInterp.alpha]
    return seen[:3] if len(seen) >= 3 else seen[:1] * 3


def _channels_last(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.moveaxis(samples, 0, -1))


def _through_palette(indexes: NDArray[np.uint8], colours: dict[int, tuple[int, int, int, int]]) -> NDArray[np.uint8]:
    table = np.zeros((256, 4), np.uint8)
    for index, colour in colours.items():
        table[index] = colour
    return np.array(on_black(Image.fromarray(table[indexes])))
