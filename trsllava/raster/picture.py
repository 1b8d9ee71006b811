"""JPEG, PNG, WebP, BMP, GIF, AVIF and, with pillow-heif, HEIF, through Pillow."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from trsllava.errors import ImageError
from trsllava.raster.beside import placed_beside
from trsllava.raster.census import Census, Mask
from trsllava.raster.damage import (
    LARGEST_PICTURE_EXPANSION,
    MAX_PIXELS,
    check_bands,
    check_file,
    check_size,
    check_window,
    too_large,
    unreadable,
)
from trsllava.raster.info import SceneInfo
from trsllava.raster.orientation import Orientation
from trsllava.raster.place import Place
from trsllava.raster.sensors import choose_bands
from trsllava.raster.silence import without_warnings
from trsllava.raster.stretch import percentiles, to_8bit, wanted_percentiles
from trsllava.raster.tiling import LONGEST_WHOLE, cut
from trsllava.raster.times import parse_time
from trsllava.records import Recipe, Rendering, Window

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "AVIF", *(["HEIF"] if find_spec("pillow_heif") else []))
_FIRST_FRAME = ("MPO", "GIF", "HEIF")
"""A camera's previews follow the photograph; of an animated GIF the first frame is the picture."""
_PARTS = Recipe(tile=2048, overlap=0)
"""In parts of this size a decoded picture is looked through."""


def inspect(path: Path, recipe: Recipe) -> SceneInfo:
    """Decode a picture to its last pixel and say what it is and what tiles it gives. Raises ImageError."""
    orientation, acquired = exif_of(path)
    with _decoded(path) as image:
        count = len(image.getbands())
        bands = choose_bands(path, recipe.bands, count, ())
        upright = orientation.upright(image)
        whole = Window(0, 0, *upright.size)
        place = Place(placed_beside(path, *image.size), whole.width, whole.height, orientation)
        tiles = cut(whole.width, whole.height, recipe)
        census = Census(tiles, whole.width, whole.height)
        for part in cut(whole.width, whole.height, _PARTS):
            census.add(part, *_counted(path, upright, part, bands))
        kept = [tile for tile, share in zip(tiles, census.empty_shares(), strict=True) if share <= recipe.nodata_limit]
        wanted = wanted_percentiles(recipe.stretch)
        given = "none" if recipe.stretch == "auto" else recipe.stretch
        stretch = given if wanted is None else percentiles(census.samples(), wanted)
        return SceneInfo(
            width=whole.width,
            height=whole.height,
            bands=count,
            dtype="uint8",
            driver=image.format or "",
            rendering=Rendering(bands=bands, stretch=stretch),
            tiles=tuple(map(place.tile, kept)),
            skipped=len(tiles) - len(kept),
            footprint=place.whole.footprint,
            north_up=place.whole.north_up,
            acquired=acquired,
            properties=place.told(),
        )


def size_of(path: Path) -> tuple[int, int]:
    """Width and height of the upright picture, from the header alone. Raises ImageError."""
    with _opened(path) as image:
        return (image.height, image.width) if exif_of(path)[0].transposed else image.size


def pixels_of(path: Path) -> int:
    """Number of pixels; nothing is decoded, as it is where Pillow looks for a PNG's orientation. Raises ImageError."""
    with _opened(path) as image:
        return image.width * image.height


def is_beyond(path: Path) -> bool:
    """True for a JPEG or PNG with more pixels than are read whole, and with enough bytes for them: it is read in
    strips instead. What has not is a decompression bomb, and refused here."""
    if path.stat().st_size * LARGEST_PICTURE_EXPANSION < MAX_PIXELS:
        return False
    try:
        with without_warnings(), Image.open(path, formats=("JPEG", "PNG")) as image:
            return image.width * image.height > MAX_PIXELS
    except Image.DecompressionBombError:
        return True
    except Exception:  # whatever else is wrong with it, the reader says so
        return False


def read_rgb(path: Path, window: Window, rendering: Rendering) -> NDArray[np.uint8]:
    """Read the window of the upright picture as `(window.height, window.width, 3)` uint8. Raises ImageError."""
    upright = _UPRIGHTS.get(path)
    check_window(path, window, *upright.size)
    part = upright.crop((window.col, window.row, window.col + window.width, window.row + window.height))
    samples = to_8bit(_channels(path, part, rendering.bands), rendering.stretch)
    if rendering.stretch != "none" and (visible := _visible(part)) is not None:
        samples = np.where(visible, samples, np.uint8(0))
    return np.ascontiguousarray(np.moveaxis(np.broadcast_to(samples, (3, *samples.shape[1:])), 0, -1))


def exif_of(path: Path) -> tuple[Orientation, datetime | None]:
    """A picture's orientation and when it was taken."""
    try:
        with without_warnings(), Image.open(path, formats=(*_FORMATS, "TIFF")) as image:
            exif = image.getexif()
            orientation = Orientation.stated_in(exif)
            details = exif.get_ifd(ExifTags.IFD.Exif)
    except Exception:  # broken metadata is no reason to lose sound pixels
        return Orientation(), None
    taken = details.get(ExifTags.Base.DateTimeOriginal, "")
    offset = details.get(ExifTags.Base.OffsetTimeOriginal, "")
    return orientation, parse_time(str(taken), str(offset))


def on_black(image: Image.Image) -> Image.Image:
    """Turn any 8-bit picture into RGB, what is transparent into black.

    Colours hidden under full transparency are leftovers that nobody was meant to see, and black is how
    remote-sensing products mostly show "no data"; dropping the alpha channel would bring the leftovers back.
    """
    if not image.has_transparency_data:
        return image.convert("RGB")
    colours = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "black"), colours).convert("RGB")


def _channels(path: Path, part: Image.Image, bands: tuple[int, ...] | None) -> NDArray[np.uint8]:
    """`(c, h, w)`: the bands asked for as they are stored, else the picture's colours on black."""
    if bands is None:
        return np.moveaxis(np.asarray(on_black(part)), -1, 0)
    check_bands(path, bands, len(part.getbands()))
    samples = np.atleast_3d(np.asarray(part.convert("L") if part.mode == "1" else part))
    return np.moveaxis(samples[..., [band - 1 for band in bands]], -1, 0)


def _visible(part: Image.Image) -> Mask | None:
    """`(h, w)`: False where a picture is fully transparent; None: nowhere."""
    if not part.has_transparency_data:
        return None
    return np.asarray(part.convert("RGBA").getchannel("A")) > 0


def _counted(
    path: Path, upright: Image.Image, window: Window, bands: tuple[int, ...] | None
) -> tuple[NDArray[np.uint8], Mask | None]:
    part = upright.crop((window.col, window.row, window.col + window.width, window.row + window.height))
    samples, visible = _channels(path, part, bands), _visible(part)
    return samples, None if visible is None else np.broadcast_to(visible, samples.shape)


class _LastPicture:
    """The upright picture that was decoded last: the tiles of one are mostly read one after the other.

    One thread decodes while the others wait: of a large picture there is room for one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: tuple[Path, int, int] | None = None
        self._picture: Image.Image | None = None

    def get(self, path: Path) -> Image.Image:
        with _opened(path) as image:
            is_large = max(image.size) > LONGEST_WHOLE
        if not is_large:
            return _upright(path)
        status = path.stat()
        key = (path, status.st_mtime_ns, status.st_size)
        with self._lock:
            picture = self._picture if self._key == key else None
            if picture is None:
                self._picture = None  # before there is another
                self._key, self._picture = key, (picture := _upright(path))
            return picture


_UPRIGHTS = _LastPicture()


def _upright(path: Path) -> Image.Image:
    with _decoded(path) as image:
        orientation, _ = exif_of(path)
        upright = orientation.upright(image)
        return image.copy() if upright is image else upright


with suppress(ImportError):  # an optional package that teaches HEIF to Pillow
    import pillow_heif

    pillow_heif.register_heif_opener()


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    check_file(path)
    try:
        with without_warnings():
            image = Image.open(path, formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise too_large(path) from error
    except UnidentifiedImageError as error:
        known = "a JPEG, PNG, WebP, BMP, GIF, AVIF, TIFF or JPEG 2000 image"
        raise unreadable(path, f"its content is not {known}, or is damaged") from error
    except Exception as error:
        raise unreadable(path, f"the file is damaged ({error})") from error
    with image:
        check_size(path, *image.size)
        frames = getattr(image, "n_frames", 1)
        if frames > 1 and image.format not in _FIRST_FRAME:
            raise unreadable(path, f"it is animated, with {frames} frames; save each to its own file")
        yield image


@contextmanager
def _decoded(path: Path) -> Iterator[Image.Image]:
    with _opened(path) as image:
        try:
            image.load()
        except Exception as error:  # on damaged bytes Pillow's parsers raise whatever they stumble over
            raise unreadable(path, f"the file is damaged or cut short ({error})") from error
        try:
            yield image
        except ImageError:
            raise
        except (OSError, ValueError) as error:
            raise unreadable(path, str(error)) from error
