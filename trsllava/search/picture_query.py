"""A picture to search by, from a file or from memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trsllava.errors import ImageError, InputError
from trsllava.ledger.ledger import Ledger
from trsllava.raster.checksum import content_sha256
from trsllava.raster.scene import inspect, read_rgb
from trsllava.records import Picture, Recipe, RichText

_LONGEST = 1024


def read_picture(image: Path | str | Picture, recipe: Recipe | None = None) -> Picture:
    """`(h, w, 3)` uint8 RGB: an array as it is, a file shown as the collection shows its own (`recipe`) where it has
    such bands, else as it would be by itself; one that is longer than 1,024 pixels is shrunk to that.

    Raises InputError, one sentence, for what is no picture.
    """
    if isinstance(image, Path | str):
        path = Path(image).expanduser()
        try:
            return _read(path, recipe or Recipe())
        except ImageError as error:
            if recipe in (None, Recipe()):
                raise InputError(f"The picture to search by cannot be used: {error}.") from error
            return read_picture(path)
    pixels = np.asarray(image)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise InputError(
            f"A picture to search by is an array (height, width, 3) of uint8; this one is {pixels.shape} of "
            f"{pixels.dtype}."
        )
    return pixels


def known_caption(image: Path | str | Picture | None, ledger: Ledger) -> RichText | None:
    """What the collection says of a file of the same content; None where it knows none, or knows it in parts."""
    if not isinstance(image, Path | str):
        return None
    return ledger.text_of_content(content_sha256(Path(image).expanduser()))


def _read(path: Path, recipe: Recipe) -> Picture:
    scene = inspect(path, recipe.model_copy(update={"tile": 0, "overlap": None}))
    longest = max(scene.width, scene.height)
    size = scene.rendering.size if longest <= _LONGEST else _LONGEST
    return read_rgb(path, scene.window, scene.rendering.model_copy(update={"size": size}))
