"""Everything that GDAL (rasterio) reads for us, in parts, as a scene may be larger than memory: TIFF, GeoTIFF, COG,
JPEG 2000, VRT, 16-bit PNG, pictures that are too large for Pillow, and scenes with a file for each colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from rasterio import windows
from rasterio.enums import Resampling

from trsllava.errors import TrsllavaError
from trsllava.raster.blocks import InBlocks
from trsllava.raster.census import Census, Mask
from trsllava.raster.damage import MAX_PIXELS, check_file, check_parts, check_size, check_window, unreadable
from trsllava.raster.drivers import driver_of
from trsllava.raster.info import SceneInfo
from trsllava.raster.layout import Layout, Palette
from trsllava.raster.orientation import Orientation
from trsllava.raster.picture import on_black
from trsllava.raster.place import Place
from trsllava.raster.radar import is_linear_backscatter
from trsllava.raster.readable import Readable, RemoteFile, Stack, is_remote
from trsllava.raster.sensors import choose_bands
from trsllava.raster.shown import shown_band
from trsllava.raster.silence import without_warnings
from trsllava.raster.stretch import (
    AUTO,
    DECIBELS,
    decibel_percentiles,
    format_ranges,
    percentiles,
    to_8bit,
    wanted_percentiles,
)
from trsllava.raster.strips import InStrips, check_lines
from trsllava.raster.tiling import LONGEST_WHOLE, cut
from trsllava.raster.times import parse_time
from trsllava.raster.vrt import check_vrt
from trsllava.records import Recipe, Rendering, Window

_PART_BYTES = 1 << 25
"""Samples decoded at once while a whole scene is looked through."""
_CACHE_BYTES = 1 << 26
"""GDAL's block cache; left alone it takes 5 % of the machine's memory."""
_BIG_TIFF = 43
"""The version in a BigTIFF's header, which is 16 bytes long."""


def inspect(path: Readable, recipe: Recipe) -> SceneInfo:
    """Decode a file to its last pixel, part by part, and say what it is and what tiles it gives. Raises ImageError."""
    with opened(path) as dataset:
        oriented = _orientation(path, dataset)
        width, height = _upright_size(dataset, oriented)
        names = [name or "" for name in dataset.descriptions]
        bands = None if isinstance(path, Stack) else choose_bands(path, recipe.bands, dataset.count, names)
        layout = Layout.of(path, dataset, bands)
        if is_remote(path) and not recipe.tile:
            return _from_overview(path, dataset, layout, recipe, bands)
        tiles = cut(width, height, recipe)
        if tiles[0].width * tiles[0].height > MAX_PIXELS:
            raise unreadable(path, f"a tile of it has more than {MAX_PIXELS:,} pixels; give a smaller `tile`")
        census = Census([oriented.stored(tile, width, height) for tile in tiles], dataset.width, dataset.height)
        for part in _parts(dataset):
            census.add(part, *_counted(dataset, layout, part))
        kept = [tile for tile, share in zip(tiles, census.empty_shares(), strict=True) if share <= recipe.nodata_limit]
        place = Place.of_dataset(path, dataset, width, height, oriented)
        rendering = Rendering(bands=bands, stretch=_stretch(path, recipe.stretch, dataset, layout, census))
        return SceneInfo(
            width=width,
            height=height,
            bands=dataset.count,
            dtype=dataset.dtypes[layout.bands[0] - 1],
            driver=dataset.driver,
            rendering=rendering,
            tiles=tuple(map(place.tile, kept)),
            skipped=len(tiles) - len(kept),
            footprint=place.whole.footprint,
            north_up=place.whole.north_up,
            acquired=_acquired(dataset),
            properties=place.told() | shown_band(str(path), dataset, layout, rendering.stretch),
        )


def size_of(path: Readable) -> tuple[int, int]:
    """Width and height of the upright picture, from the header alone. Raises ImageError."""
    with opened(path) as dataset:
        return _upright_size(dataset, _orientation(path, dataset))


def pixels_of(path: Readable) -> int:
    """Number of pixels, from the header alone. Raises ImageError."""
    with opened(path) as dataset:
        return int(dataset.width * dataset.height)


def read_rgb(path: Readable, window: Window, rendering: Rendering) -> NDArray[np.uint8]:
    """Read the window as `(h, w, 3)` uint8: the window's size, or less where the rendering asks for much less, from
    an overview where the file has one. Raises ImageError."""
    with opened(path) as dataset:
        oriented = _orientation(path, dataset)
        width, height = _upright_size(dataset, oriented)
        check_window(path, window, width, height)
        layout = Layout.of(path, dataset, rendering.bands)
        stored = oriented.stored(window, width, height)
        shape = _overview(stored, rendering.size) if is_remote(path) else None
        shape = shape or _shape(stored, rendering.size, layout)
        check_size(path, shape[1], shape[0])
        samples, valid = _read(dataset, layout, stored, shape)
        if layout.palette is not None:
            pixels = _through_palette(samples[0], layout.palette)
        else:
            pixels = to_8bit(samples, rendering.stretch)
            if layout.white_is_zero:
                pixels = 255 - pixels
        if valid is not None:
            pixels = np.where(valid if len(valid) == len(pixels) else valid.any(axis=0), pixels, np.uint8(0))
        if layout.alpha is not None and dataset.dtypes[layout.alpha - 1] == "uint8":
            pixels = _dimmed(pixels, _band(dataset, layout.alpha, stored, shape))
        upright = oriented.turn(pixels)
        return np.ascontiguousarray(np.moveaxis(np.broadcast_to(upright, (3, *upright.shape[1:])), 0, -1))


def opened(path: Readable) -> AbstractContextManager[Any]:
    """A file as an open rasterio dataset; what goes wrong while it is open becomes an ImageError."""
    if isinstance(path, RemoteFile):
        from trsllava.raster.remote import opened_remote

        return opened_remote(path)
    if isinstance(path, Stack):
        from trsllava.raster.stack import opened_stack

        return opened_stack(path, opened)
    return _opened(path)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    check_file(path)
    driver = driver_of(path)
    if driver == "VRT":
        check_vrt(path)
    # A tile's identity is the hash of this one file, so files beside it (.tfw, .aux.xml, .ovr) must not
    # change what is read; it also spares GDAL the listing of a folder with a million files.
    threads = {"GDAL_NUM_THREADS": "ALL_CPUS"} if driver == "JP2OpenJPEG" else {}  # it decodes very slowly
    alone = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
    with rasterio.Env(GDAL_CACHEMAX=_CACHE_BYTES, **alone, **threads):
        try:
            with without_warnings():
                dataset = rasterio.open(path, driver=driver)
        except Exception as error:
            raise unreadable(path, f"the file is damaged ({error})") from error
        with dataset:
            try:
                if dataset.subdatasets:
                    raise unreadable(path, f"it has {len(dataset.subdatasets)} pages; save each to its own file")
                check_parts(path, dataset)
                line_by_line = driver in ("JPEG", "PNG") and dataset.width * dataset.height > MAX_PIXELS
                if line_by_line:
                    check_lines(path, driver)
                    yield InStrips(path, dataset)
                else:
                    yield InBlocks(path, dataset) if driver == "JP2OpenJPEG" else dataset
            except TrsllavaError:
                raise
            except Exception as error:  # GDAL's errors have no public base class
                raise unreadable(path, f"the file is damaged or cut short ({error.__cause__ or error})") from error


def _orientation(path: Readable, dataset: Any) -> Orientation:
    """Photographs alone are turned: a georeferenced scene says with its geotransform which way is up."""
    if not isinstance(path, Path) or dataset.crs is not None:
        return Orientation()
    if dataset.driver == "JPEG":
        stated = dataset.tags().get("EXIF_Orientation", "")
        return Orientation.stated_in({ExifTags.Base.Orientation: int(stated)} if stated.isdigit() else {})
    if dataset.driver != "GTiff":
        return Orientation()
    try:
        with without_warnings(), path.open("rb") as file:
            header = file.read(8)
            directory = ImageFileDirectory_v2(header + file.read(8) if header[2] == _BIG_TIFF else header)
            file.seek(directory.next)
            directory.load(file)
        return Orientation.stated_in(directory)
    except Exception:  # broken metadata is no reason to lose sound pixels
        return Orientation()


def _upright_size(dataset: Any, oriented: Orientation) -> tuple[int, int]:
    return (dataset.height, dataset.width) if oriented.transposed else (dataset.width, dataset.height)


def _parts(dataset: Any) -> Iterator[Window]:
    """Windows of whole blocks that cover the file, with few enough samples each to spare memory."""
    high, wide = dataset.block_shapes[0]
    sample = dataset.count * max(np.dtype(dtype).itemsize for dtype in dataset.dtypes)
    across = min(dataset.width, wide * max(1, _PART_BYTES // (high * wide * sample)))
    down = high * max(1, _PART_BYTES // (high * across * sample)) if across == dataset.width else high
    for row in range(0, dataset.height, down):
        for col in range(0, dataset.width, across):
            yield Window(col, row, min(across, dataset.width - col), min(down, dataset.height - row))


def _counted(dataset: Any, layout: Layout, part: Window) -> tuple[NDArray[np.generic], Mask | None]:
    """All bands are decoded, so that damage shows; the shown ones are handed on."""
    every = dataset.read(window=windows.Window(*part))
    mask = dataset.read_masks(1, window=windows.Window(*part)) > 0 if layout.masked else None
    shown = every[[band - 1 for band in layout.bands]]
    alpha = None if layout.alpha is None else every[layout.alpha - 1]
    if layout.palette is not None:
        clear = [index for index, colour in layout.palette.items() if colour[3] == 0]
        alpha = (~np.isin(shown[0], clear)).astype(np.uint8) if clear else None
    return shown, layout.valid(shown, alpha, mask)


def _read(
    dataset: Any, layout: Layout, window: Window, shape: tuple[int, int]
) -> tuple[NDArray[np.generic], Mask | None]:
    part = windows.Window(*window)
    smooth = Resampling.nearest if layout.palette is not None else Resampling.average
    samples = dataset.read(layout.bands, window=part, out_shape=(len(layout.bands), *shape), resampling=smooth)
    alpha = None if layout.alpha is None else _band(dataset, layout.alpha, window, shape)
    mask = dataset.read_masks(1, window=part, out_shape=shape) > 0 if layout.masked else None
    return samples, layout.valid(samples, alpha, mask)


def _band(dataset: Any, band: int, window: Window, shape: tuple[int, int]) -> NDArray[np.generic]:
    found: NDArray[np.generic] = dataset.read(band, window=windows.Window(*window), out_shape=shape)
    return found


def _from_overview(
    path: Readable, dataset: Any, layout: Layout, recipe: Recipe, bands: tuple[int, ...] | None
) -> SceneInfo:
    """A remote scene as one picture of its overview: the rest of the file is not read, sound or not."""
    whole = Window(0, 0, dataset.width, dataset.height)
    size = LONGEST_WHOLE if max(whole.width, whole.height) > LONGEST_WHOLE else None
    shape = _overview(whole, size) or (whole.height, whole.width)
    small = Window(0, 0, shape[1], shape[0])
    census = Census([small], small.width, small.height)
    census.add(small, *_read(dataset, layout, whole, shape))
    shown = census.empty_shares()[0] <= recipe.nodata_limit
    place = Place.of_dataset(path, dataset, whole.width, whole.height, Orientation())
    stretch = _stretch(path, recipe.stretch, dataset, layout, census)
    return SceneInfo(
        width=whole.width,
        height=whole.height,
        bands=dataset.count,
        dtype=dataset.dtypes[layout.bands[0] - 1],
        driver=dataset.driver,
        rendering=Rendering(bands=bands, stretch=stretch, size=size),
        tiles=(place.whole,) if shown else (),
        skipped=0 if shown else 1,
        footprint=place.whole.footprint,
        north_up=place.whole.north_up,
        acquired=_acquired(dataset),
        properties=place.told() | shown_band(str(path), dataset, layout, stretch),
    )


def _overview(window: Window, size: int | None) -> tuple[int, int] | None:
    """Height and width of exactly the size that is wanted: over a network twice the pixels are four times the bytes.
    None: as large as the window."""
    if size is None or max(window.width, window.height) <= size:
        return None
    scale = size / max(window.width, window.height)
    return max(1, round(window.height * scale)), max(1, round(window.width * scale))


def _shape(window: Window, size: int | None, layout: Layout) -> tuple[int, int]:
    """Height and width to read: at least twice the size that is wanted, which is then resampled well."""
    longest = max(window.width, window.height)
    if size is None or longest < 4 * size or layout.palette is not None:
        return window.height, window.width
    scale = 2 * size / longest
    return max(1, round(window.height * scale)), max(1, round(window.width * scale))


def _stretch(path: Readable, wish: str, dataset: Any, layout: Layout, census: Census) -> str:
    """The stretch that is recorded: resolved to numbers of this scene."""
    plain = dataset.dtypes[layout.bands[0] - 1] == "uint8"
    if layout.palette is not None:
        return "none"
    if wish == "auto" and plain:
        return "none" if layout.depth >= 8 else format_ranges([(0.0, 2.0**layout.depth - 1)])
    if wish == "none" and not plain:
        raise unreadable(
            path, f"its samples are {dataset.dtypes[0]}, and `stretch` none shows only 8-bit ones; leave it out"
        )
    samples = census.samples()
    if wish == DECIBELS or (wish == "auto" and _is_radar(path, dataset, layout, samples)):
        return decibel_percentiles(samples)
    wanted = wanted_percentiles(AUTO if wish == "auto" else wish)
    if wanted is None:
        return wish
    if isinstance(path, Stack):  # one stretch for all three: one for each would take away the scene's own tint
        samples = [np.concatenate(samples)]
    return percentiles(samples, wanted)


def _is_radar(path: Readable, dataset: Any, layout: Layout, samples: Sequence[NDArray[np.generic]]) -> bool:
    """What has samples below zero is in decibels already."""
    band = layout.bands[0]
    name = str(path).rpartition("/")[2]
    named = is_linear_backscatter(name, [dataset.descriptions[band - 1] or ""], dataset.dtypes[band - 1])
    return named and not any(np.min(channel, initial=0) < 0 for channel in samples)


def _acquired(dataset: Any) -> datetime | None:
    """GDAL's IMAGERY domain states when a satellite looked; TIFF's own tag when the file was made, mostly the same."""
    stated = dataset.tags(ns="IMAGERY").get("ACQUISITIONDATETIME", "")
    tags = dataset.tags()
    taken = parse_time(tags.get("EXIF_DateTimeOriginal", ""), tags.get("EXIF_OffsetTimeOriginal", ""))
    return parse_time(stated) or parse_time(tags.get("TIFFTAG_DATETIME", "")) or taken


def _dimmed(pixels: NDArray[np.uint8], alpha: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Composited on black, as `picture.on_black` does."""
    colours = np.concatenate([np.broadcast_to(pixels, (3, *pixels.shape[1:])), alpha[None].astype(np.uint8)])
    return np.moveaxis(np.array(on_black(Image.fromarray(np.ascontiguousarray(np.moveaxis(colours, 0, -1))))), -1, 0)


def _through_palette(indexes: NDArray[np.generic], colours: Palette) -> NDArray[np.uint8]:
    table = np.zeros((256, 4), np.uint8)
    for index, colour in colours.items():
        table[index] = colour
    return np.moveaxis(np.array(on_black(Image.fromarray(table[indexes.astype(np.uint8)]))), -1, 0)
