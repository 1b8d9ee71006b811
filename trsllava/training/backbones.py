"""Which image-text network a name means, and how its texts are prepared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import EncoderError, Parameter
from trsllava.models.clip import load_clip, save_clip
from trsllava.models.efficientnet_lite import LITE
from trsllava.models.features import ImageTextNetwork
from trsllava.models.nano import Nano, NanoConfig, save_nano


@dataclass(frozen=True)
class Backbone:
    """An image-text network and what surrounds it in training."""

    name: str
    network: ImageTextNetwork
    text_inputs: Callable[[Sequence[str]], Tensor]
    """Texts to what `network.encode_texts` takes, one row a text."""
    size: int
    """Side in pixels of the pictures it was made for."""
    save: Callable[[Any, Path], None]
    """Write a network of this kind into a folder that its encoder can load."""


def nano_backbone(encoder: TextEncoder, config: NanoConfig | None = None) -> Backbone:
    """A new nano in the space of a text encoder; torch's global seed decides its first weights."""
    return Backbone(
        name="nano",
        network=Nano(config or NanoConfig(text_dim=encoder.dim)),
        text_inputs=lambda texts: torch.from_numpy(encoder.encode(texts)),
        size=112,
        save=save_nano,
    )


def is_image_backbone(name: str) -> bool:
    """Whether a name stands for a network that sees pictures and knows no texts. Raises EncoderError."""
    if name in LITE:
        return True
    from transformers import AutoConfig

    try:
        return not hasattr(AutoConfig.from_pretrained(name), "text_config")
    except (OSError, ValueError, KeyError) as error:
        raise EncoderError(
            f"{name} cannot be loaded. ",
            Parameter("backbone"),
            f" takes nano, {', '.join(LITE)}, and hub id or folder of a "
            "transformers CLIP or image backbone, such as openai/clip-vit-base-patch16 or microsoft/resnet-50.",
        ) from error


def clip_backbone(name: str) -> Backbone:
    """A transformers CLIP by hub id or folder. Raises EncoderError where it cannot be loaded."""
    try:
        network = load_clip(name)
    except (OSError, ValueError, KeyError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise EncoderError(
            f"{name} cannot be loaded as a transformers CLIP: {reason}. ",
            Parameter("backbone"),
            " takes nano, a hub id such as openai/clip-vit-base-patch16, or a folder.",
        ) from error
    return Backbone(name, network, network.tokenize, network.size, save_clip)
