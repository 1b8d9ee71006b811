"""What a trained nano reads out of pictures, for what is learnt on top of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from trsllava.errors import InputError, Parameter
from trsllava.models.efficientnet_lite import LITE
from trsllava.models.heads import Heads, presence_logits
from trsllava.models.nano import Nano, load_nano
from trsllava.training.augment import Augmentation, random_views, symmetries
from trsllava.training.data import Pixels
from trsllava.training.restyle import STYLE_LAYER, restyle
from trsllava.training.validation import resized
from trsllava.validation import reason_of

_BATCH = 64
_RESTYLED = 0.5
"""Share of changed views that are given another look."""


@dataclass(frozen=True)
class TrainedNano:
    """Network and heads of a finished run, ready for inference."""

    network: Nano
    heads: Heads
    scenes: tuple[str, ...]
    things: tuple[str, ...]


@dataclass(frozen=True)
class Sights:
    """Read-outs of n pictures in v views each."""

    pooled: Tensor
    """`(n, v, p)` float32."""
    presence: Tensor
    """`(n, v, t)` float32: logits that each thing is anywhere in the picture."""


def load_trained(run: Path) -> TrainedNano:
    """The best epoch of a run. Raises InputError where `run` holds no nano."""
    try:
        network = load_nano(run / "best")
        kept = torch.load(run / "best-heads.pt", weights_only=True, map_location="cpu")
    except (OSError, KeyError, TypeError, RuntimeError) as error:
        raise InputError(
            f"{run} holds no trained nano ({reason_of(error)}); give the ",
            Parameter("output"),
            " of `train diaret`.",
        ) from error
    heads = Heads(network.pooled_width, network.local_width, len(kept["scenes"]), len(kept["things"]))
    heads.load_state_dict(kept["heads"])
    return TrainedNano(network, heads.eval(), tuple(kept["scenes"]), tuple(kept["things"]))


def whole_views(nano: TrainedNano, pixels: Pixels, size: int, views: int = 4) -> Sights:
    """What inference sees: the first flips and quarter-turns of whole pictures `(n, 3, side, side)` uint8."""
    return _sights(nano, pixels, 0, lambda batch: symmetries(resized(batch, size))[:views])


def other_views(nano: TrainedNano, pixels: Pixels, size: int, views: int, generator: torch.Generator) -> Sights:
    """Random, mildly changed views of pictures `(n, 3, side, side)` uint8, some of another look where the trunk was
    trained on such: a network is too sure of those it was trained on as they are."""
    restyled = _RESTYLED if nano.network.config.trunk in LITE else 0.0
    how = Augmentation(size=size, area=(0.7, 1.0), tilt=10.0, colour=0.2, grey=0.0, cutout=0.0, blend=0.0)

    def grids(batch: Tensor) -> list[Tensor]:
        seen = (random_views(batch, how, generator) for _ in range(views))
        return [restyle(nano.network.up_to(STYLE_LAYER, _fast(view)), restyled, generator) for view in seen]

    return _sights(nano, pixels, STYLE_LAYER, grids)


def _sights(nano: TrainedNano, pixels: Pixels, layers: int, grids_of: Callable[[Tensor], list[Tensor]]) -> Sights:
    """`grids_of`: what the trunk's first `layers` make of views of pictures."""
    parts = []
    with torch.inference_mode():
        for start in range(0, len(pixels), _BATCH):
            grids = grids_of(torch.from_numpy(pixels[start : start + _BATCH]))
            parts.append([torch.stack(read) for read in zip(*(_read(nano, layers, g) for g in grids), strict=True)])
    return Sights(*(torch.cat(outputs, dim=1).transpose(0, 1) for outputs in zip(*parts, strict=True)))


def _read(nano: TrainedNano, layers: int, grid: Tensor) -> tuple[Tensor, Tensor]:
    features = nano.network.after(layers, _fast(grid))
    return features.pooled, presence_logits(nano.heads.thing_map(features))


def _fast(grid: Tensor) -> Tensor:
    return grid.contiguous(memory_format=torch.channels_last)
