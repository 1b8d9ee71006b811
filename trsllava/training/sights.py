"""What a trained nano reads out of pictures, for what is learnt on top of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from trsllava.errors import InputError
from trsllava.models.heads import Heads, presence_logits
from trsllava.models.nano import Nano, load_nano
from trsllava.training.augment import Augmentation, random_views, symmetries
from trsllava.training.data import Pixels
from trsllava.training.validation import resized
from trsllava.validation import reason_of

_BATCH = 64


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
        kept = torch.load(run / "best-heads.pt", weights_only=True)
    except (OSError, KeyError, TypeError, RuntimeError) as error:
        raise InputError(
            f"{run} holds no trained nano ({reason_of(error)}); give the --output of `train diaret`."
        ) from error
    heads = Heads(network.pooled_width, network.local_width, len(kept["scenes"]), len(kept["things"]))
    heads.load_state_dict(kept["heads"])
    return TrainedNano(network, heads.eval(), tuple(kept["scenes"]), tuple(kept["things"]))


def whole_views(nano: TrainedNano, pixels: Pixels, size: int, views: int = 4) -> Sights:
    """What inference sees: the first flips and quarter-turns of whole pictures `(n, 3, side, side)` uint8."""
    return _sights(nano, pixels, lambda batch: symmetries(resized(batch, size))[:views])


def other_views(nano: TrainedNano, pixels: Pixels, size: int, views: int, generator: torch.Generator) -> Sights:
    """Random, mildly changed views of pictures `(n, 3, side, side)` uint8: a network is too sure of those it was
    trained on as they are."""
    how = Augmentation(size=size, area=(0.7, 1.0), tilt=10.0, colour=0.2, grey=0.0, cutout=0.0, blend=0.0)
    return _sights(nano, pixels, lambda batch: [random_views(batch, how, generator) for _ in range(views)])


def _sights(nano: TrainedNano, pixels: Pixels, views_of: Callable[[Tensor], list[Tensor]]) -> Sights:
    parts = []
    for start in range(0, len(pixels), _BATCH):
        views = views_of(torch.from_numpy(pixels[start : start + _BATCH]))
        parts.append([torch.stack(read) for read in zip(*(_read(nano, view) for view in views), strict=True)])
    return Sights(*(torch.cat(outputs, dim=1).transpose(0, 1) for outputs in zip(*parts, strict=True)))


@torch.inference_mode()
def _read(nano: TrainedNano, view: Tensor) -> tuple[Tensor, Tensor]:
    features = nano.network(view.contiguous(memory_format=torch.channels_last))
    return features.pooled, presence_logits(nano.heads.thing_map(features))
