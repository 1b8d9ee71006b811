"""Which image-text encoder a name means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from trsllava.encoders import shipped
from trsllava.encoders.protocol import ImageTextEncoder, TextEncoder
from trsllava.encoders.squares import square as square
from trsllava.errors import EncoderError

if TYPE_CHECKING:
    from trsllava.encoders.nano import NanoEncoder

NANO = "nano"
NO_IMAGES = "none"
"""In place of an encoder's name: pictures are not looked at."""
_SHIPPED = re.compile(rf"{NANO}(-[0-9a-f]{{8}})?")
"""As people name the shipped encoder, and as collections do."""


def load_image_text_encoder(
    name: str = NANO, *, device: str = "cpu", text_encoder: TextEncoder | None = None
) -> ImageTextEncoder:
    """Load an image-text encoder: `nano` (shipped), a folder made by `trsllava train export`, one made by
    `trsllava train cisen`, a transformers CLIP or SigLIP by hub id or folder, or `open_clip:MODEL:CHECKPOINT`.

    `text_encoder`: one that is loaded already, which nano and a CISEN over it use where they were trained with it.
    Raises EncoderError.
    """
    from trsllava.encoders.nano import NANO_GRAPH, NanoEncoder

    if is_shipped_nano(name):
        return load_shipped_nano(text_encoder)
    folder = Path(name).expanduser()
    if (folder / NANO_GRAPH).exists():
        return NanoEncoder(str(folder.absolute()), folder, text_encoder)
    from trsllava.encoders.cisen import CISEN_PARTS, load_cisen_encoder
    from trsllava.encoders.network import load_network_encoder

    try:
        if (folder / CISEN_PARTS).exists():
            return load_cisen_encoder(folder, device, text_encoder)
        return load_network_encoder(name, device)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AssertionError) as error:
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
