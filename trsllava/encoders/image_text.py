"""What an image-text encoder does, and which one a name means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PIL import Image

from trsllava.encoders import shipped
from trsllava.encoders.protocol import FloatArray, TextEncoder
from trsllava.errors import EncoderError
from trsllava.records import Picture as Picture

if TYPE_CHECKING:
    from trsllava.encoders.nano import NanoEncoder

NANO = "nano"
NO_IMAGES = "none"
"""In place of an encoder's name: pictures are not looked at."""
_SHIPPED = re.compile(rf"{NANO}(-[0-9a-f]{{8}})?")
"""As people name the shipped encoder, and as collections do."""


class ImageTextEncoder(Protocol):
    """Turns pictures and texts into vectors of one space."""

    @property
    def name(self) -> str:
        """What a collection remembers: two encoders with the same name give the same vectors."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    def encode_images(self, pictures: Sequence[Picture]) -> FloatArray:
        """Encode pictures of any size into `(n, dim)` float32, L2-normalised rows."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts into `(n, dim)` float32, L2-normalised rows; each distinct text once."""
        ...


def squares(
    pictures: Sequence[Picture], size: int, resampling: Image.Resampling = Image.Resampling.BICUBIC
) -> FloatArray:
    """Pictures of any size stretched to `(n, 3, size, size)` float32 in 0…1; `resampling` as the network learnt it."""
    pixels = np.stack([square(picture, size, resampling) for picture in pictures]).transpose(0, 3, 1, 2)
    return np.asarray(pixels / np.float32(255), np.float32)


def square(picture: Picture, size: int, resampling: Image.Resampling) -> Picture:
    """A picture of any size stretched to `(size, size, 3)` uint8."""
    return np.asarray(Image.fromarray(picture).convert("RGB").resize((size, size), resampling))


def load_image_text_encoder(
    name: str = NANO, *, device: str = "cpu", text_encoder: TextEncoder | None = None
) -> ImageTextEncoder:
    """Load an image-text encoder: `nano` (shipped), a folder made by `trsllava train export`, a transformers CLIP or
    SigLIP by hub id or folder, or `open_clip:MODEL:CHECKPOINT`.

    `text_encoder`: one that is loaded already, which nano uses where it was trained with it. Raises EncoderError.
    """
    from trsllava.encoders.nano import NANO_GRAPH, NanoEncoder

    if is_shipped_nano(name):
        return load_shipped_nano(text_encoder)
    folder = Path(name).expanduser()
    if (folder / NANO_GRAPH).exists():
        return NanoEncoder(str(folder.absolute()), folder, text_encoder)
    from trsllava.encoders.network import load_network_encoder

    try:
        return load_network_encoder(name, device)
    except (OSError, ValueError, KeyError, RuntimeError, AssertionError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise EncoderError(
            f"Image-text encoder {name!r} cannot be loaded on {device}: {reason}. It is nano, a folder made by "
            "`trsllava train`, the hub id or folder of a transformers CLIP or SigLIP, or open_clip:MODEL:FILE."
        ) from error


def is_shipped_nano(name: str) -> bool:
    """True for the shipped nano's name, with the digest of this version's weights, another's or none."""
    return _SHIPPED.fullmatch(name) is not None


def load_shipped_nano(text_encoder: TextEncoder | None = None) -> NanoEncoder:
    """The nano that comes with the package, named by its weights: those of another version must not be mixed with
    these. Raises EncoderError where an installation lacks it."""
    from trsllava.encoders.nano import NANO_GRAPH, NANO_TEXTS, NanoEncoder

    folder = shipped.present(shipped.NANO)
    return NanoEncoder(f"{NANO}-{shipped.digest(folder / NANO_GRAPH, folder / NANO_TEXTS)}", folder, text_encoder)
