"""Pictures that come with a request, and pictures of the collection on their way out."""

from __future__ import annotations

import io
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image

from trsllava.archive import Archive
from trsllava.errors import ImageError, InputError
from trsllava.raster.scene import pixels_of
from trsllava.raster.tile_picture import living_first
from trsllava.records import Picture, Query, TileRecord
from trsllava.remote.address import is_address
from trsllava.search.picture_query import known_caption, read_picture
from trsllava.service.problems import Problem
from trsllava.service.settings import ServiceSettings

PictureFormat = Literal["png", "webp", "jpeg"]

MEDIA_TYPES: dict[PictureFormat, str] = {"png": "image/png", "webp": "image/webp", "jpeg": "image/jpeg"}
_OPTIONS: dict[PictureFormat, dict[str, int]] = {"png": {}, "webp": {"quality": 85}, "jpeg": {"quality": 85}}


class PixelBudget:
    """Pixels of uploads that are in memory at once, which a small file may have many of."""

    def __init__(self, most: int) -> None:
        self.most, self._free = most, most
        self._changed = threading.Condition()

    @contextmanager
    def spent(self, pixels: int) -> Iterator[None]:
        """Wait until there is room for so many pixels, at most `most`; they are given back at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._free >= pixels)
            self._free -= pixels
        try:
            yield
        finally:
            with self._changed:
                self._free += pixels
                self._changed.notify_all()


def query_by_upload(data: bytes, archive: Archive, budget: PixelBudget, held: ExitStack) -> Query:
    """A query by the picture in an image file, whose pixels are spent until `held` ends.

    Raises Problem: 400 for what is no picture, 413 for too many pixels.
    """
    with tempfile.TemporaryDirectory(prefix="trsllava-") as folder:
        path = Path(folder, "picture")  # alone: no reader finds other files beside it
        path.write_bytes(data)
        try:
            pixels = pixels_of(path)
            if pixels > budget.most:
                raise Problem(
                    413, "picture-too-large", f"The picture has more than {budget.most:,} pixels.", "Send it smaller."
                )
            held.enter_context(budget.spent(pixels))
            picture = read_picture(path, archive.ledger.recipe())
        except (ImageError, InputError):  # whose messages name our temporary file
            raise Problem(
                400, "bad-picture", "The picture cannot be read.", "Send a PNG, JPEG, WebP, TIFF or GeoTIFF."
            ) from None
        return Query(image=picture, caption=known_caption(path, archive.ledger))


def query_by_item(item_id: str, archive: Archive, settings: ServiceSettings) -> Query:
    """A query by the picture of one of the collection's items. Raises UnknownTileError, ImageError, Problem."""
    record = archive.tile(item_id)
    check_readable(record, settings)
    return Query(image=archive.picture(item_id), caption=record.text)


def check_readable(record: TileRecord, settings: ServiceSettings) -> None:
    """Raises Problem (404) where the file of an item lies outside of the roots, if there are any; what was indexed
    from an address is no file here."""
    if settings.roots and not _is_remote(record) and original_of(record, settings) is None:
        raise Problem(404, "picture-out-of-bounds", "The picture's file lies outside of the folders that are served.")


def original_of(record: TileRecord, settings: ServiceSettings) -> Path | None:
    """The file of an item, links resolved; None where none lies below one of the roots."""
    if _is_remote(record):
        return None
    for path in [asset.href for asset in record.tile.assets] or living_first(record.paths):
        found = Path(path).resolve()
        if any(found.is_relative_to(root) for root in settings.roots):
            return found
    return None


def _is_remote(record: TileRecord) -> bool:
    places = [asset.href for asset in record.tile.assets] or record.paths
    return any(map(is_address, places))


def encoded(picture: Picture, form: PictureFormat) -> bytes:
    """An image file of a picture `(h, w, 3)` uint8 RGB."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, form, **_OPTIONS[form])
    return file.getvalue()
