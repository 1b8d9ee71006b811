"""Any transformers image backbone (ResNet, ConvNeXt, ViT, DINOv2) as the trunk of nano."""

from __future__ import annotations

import json
import math
from typing import Any

import torch
from torch import Tensor, nn

from trsllava.errors import EncoderError

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet, which nearly all of them were trained with."""


class VisionTrunk(nn.Module):
    """A transformers model behind the trunk's shape: pixels to a grid of cells."""

    mean: Tensor
    std: Tensor

    def __init__(self, model: Any) -> None:
        """`model`: what `AutoModel` made of an image backbone's config."""
        super().__init__()
        self.model = model
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_STD).view(1, 3, 1, 1), persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """`(b, 3, h, w)` float32 in 0…1 to `(b, width, rows, columns)`, without the tokens that stand for no place."""
        seen: Tensor = self.model((pixels - self.mean) / self.std).last_hidden_state
        if seen.ndim == 4:
            return seen
        side = math.isqrt(seen.shape[1])
        return seen[:, -side * side :].transpose(1, 2).reshape(len(seen), -1, side, side)


def load_vision_trunk(name: str) -> nn.Sequential:
    """The trunk of a hub id or folder. Raises EncoderError where it cannot be loaded."""
    from transformers import AutoModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = AutoModel.from_pretrained(name, dtype=torch.float32)
        vision_width(model.config.to_json_string())
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise EncoderError(
            f"{name} cannot be loaded as an image backbone. Give a transformers hub id such as microsoft/resnet-50, "
            "or a folder; without a network it must be in the local cache."
        ) from error
    return nn.Sequential(VisionTrunk(model))


def new_vision_trunk(config: str) -> nn.Sequential:
    """A trunk with new weights, of a transformers config in JSON."""
    from transformers import AutoConfig, AutoModel

    settings = json.loads(config)
    return nn.Sequential(VisionTrunk(AutoModel.from_config(AutoConfig.for_model(**settings))))  # type: ignore[no-untyped-call]


def vision_config(trunk: nn.Sequential) -> str:
    """The transformers config of a trunk, in JSON."""
    vision = trunk[0]
    assert isinstance(vision, VisionTrunk)
    config: str = vision.model.config.to_json_string()
    return config


def vision_width(config: str) -> int:
    """Channels of the grid, by a transformers config in JSON. Raises KeyError where it names none."""
    settings = json.loads(config)
    return int(settings["hidden_sizes"][-1] if "hidden_sizes" in settings else settings["hidden_size"])
