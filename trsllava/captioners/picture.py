"""A tile's picture, read and made into what a model takes."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from trsllava.captioners.pixels import PixelRule
from trsllava.captioners.protocol import CaptionJob
from trsllava.errors import ImageError, OutOfReachError
from trsllava.raster.tile_picture import read_tile

_JPEG_QUALITY = 90


T = TypeVar("T")

Render = Callable[[NDArray[np.uint8]], T]
"""What is made of `(h, w, 3)` RGB pixels; other processes must be able to import it."""


@dataclass(frozen=True)
class Picture(Generic[T]):
    """A picture as a model takes it, or the reason why there is none."""

    content: T | None = None
    error: str = ""
    out_of_reach: bool = False
    """The file cannot be opened at the moment: a disk is unplugged, a share is away."""


def picture_of(job: CaptionJob, render: Render[T]) -> Picture[T]:
    """Read and render a job's picture: a pure function of file and tile, for any process to run."""
    try:
        pixels = read_tile(job.tile, job.paths)
    except OutOfReachError as error:
        return Picture(error=str(error), out_of_reach=True)
    except ImageError as error:
        return Picture(error=str(error))
    return Picture(render(pixels))


def data_url(pixels: NDArray[np.uint8], rule: PixelRule) -> str:
    """`(h, w, 3)` uint8 RGB as a JPEG data URL, of the size that the model would make of it.

    Where that is larger than the picture is, enlarging is left to the model: it would only swell the request.
    The same pixels always give the same URL.
    """
    from PIL import Image

    picture = Image.fromarray(pixels)
    final = rule.size(*picture.size)
    if math.prod(final) < math.prod(picture.size):
        picture = picture.resize(final, Image.Resampling.LANCZOS)
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=_JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.getvalue()).decode("ascii")
