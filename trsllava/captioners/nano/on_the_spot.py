"""A picture in words, on the spot."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from trsllava.records import Picture, RichText

if TYPE_CHECKING:
    from trsllava.captioners.nano.captioner import NanoCaptioner


def described_by_nano(picture: Picture) -> RichText:
    """What the shipped nano says of an `(h, w, 3)` uint8 RGB picture. Raises EncoderError where it is missing."""
    return _nano().describe([picture])[0]


@cache
def _nano() -> NanoCaptioner:
    from trsllava.captioners.nano.captioner import shipped_captioner

    return shipped_captioner()
