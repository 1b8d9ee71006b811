"""nano over a trunk with ImageNet weights, trained in stages that do not wash them out."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from indexer.progress import Progress, no_progress
from trsllava.errors import InputError
from trsllava.models.efficientnet_lite import LITE, load_imagenet
from trsllava.models.nano import Nano, NanoConfig, load_nano, save_nano
from trsllava.models.vision_trunk import load_vision_trunk, vision_config
from trsllava.training.augment import Augmentation
from trsllava.training.backbones import Backbone
from trsllava.training.checkpoint import RunState
from trsllava.training.data import CaptionedSet
from trsllava.training.objectives.total import NANO
from trsllava.training.plan import TrainingPlan
from trsllava.training.trainer import EpochReport, not_reported, train

StageName = Literal["head", "late", "all"]
_NAMES: tuple[StageName, ...] = ("head", "late", "all")
USUAL = "head=8,late=12,head=16"
_HIDDEN = 512
"""Units of the last head."""
_EARLY = 6
"""Layers that the late stages stand on: they see edges and textures, and cost most of the time."""


@dataclass(frozen=True)
class Stage:
    """What learns, and for how long."""

    name: StageName
    """`head`: a new one, over a trunk that stays; `late`: the trunk's later layers as well; `all`: everything."""
    epochs: int


def parse_stages(text: str) -> tuple[Stage, ...]:
    """`head=8,late=12,head=16`: what learns, with its epochs, in order. Raises InputError."""
    stages = []
    for part in text.split(","):
        name, _, epochs = part.strip().partition("=")
        known = next((known for known in _NAMES if known == name), None)
        if known is None or not epochs.isdecimal() or int(epochs) < 1:
            raise InputError(
                f"Stage {part.strip()!r} is not understood: give head, late or all with its epochs, as in {USUAL}."
            )
        stages.append(Stage(known, int(epochs)))
    if stages[0].name != "head":
        raise InputError(
            "The first stage must be a head: without one, the first steps would wash out the trunk's weights."
        )
    return tuple(stages)


def stage_plan(stage: Stage, trunk_layers: int, size: int, seed: int, last: bool = False) -> TrainingPlan:
    """What a stage is trained by; pictures are seen at `size` pixels, and smaller where every layer learns. The `last`
    head, whose hidden layer could learn pictures by heart, is shown blended ones nearly always."""
    views = Augmentation(size=size, area=(0.5, 1.0), tilt=15.0, colour=0.25, cutout=0.15, blend=0.5)
    usual = TrainingPlan(
        epochs=stage.epochs,
        batch=128,
        rate=1e-3,
        weights=NANO,
        augmentation=views,
        eval_size=size,
        captions=5,
        negatives=1024,
        affinity_temperature=0.05,
        seed=seed,
    )
    if stage.name == "head":
        return replace(usual, frozen=trunk_layers, views=2, augmentation=replace(views, blend=0.9 if last else 0.5))
    if stage.name == "late":
        return replace(usual, frozen=_EARLY, views=5, trunk_share=0.3)
    return replace(usual, augmentation=replace(views, size=round(size * 5 / 7)), trunk_share=0.2)


def train_staged(
    name: str,
    training: CaptionedSet,
    validation: CaptionedSet,
    stages: tuple[Stage, ...],
    folder: Path,
    *,
    size: int = 224,
    device: str = "cpu",
    seed: int = 0,
    each_epoch: EpochReport = not_reported,
    each_step: Progress = no_progress,
) -> RunState:
    """Train stage after stage, each in a folder of its own below `folder`, which ends with the last one's `best/`.

    `name`: of `efficientnet_lite.LITE`, or a transformers image backbone. The same call goes on where it was stopped.
    Raises EncoderError where pretrained weights are missing, and InputError where `folder` holds another run, or the
    trunk has no late layers.
    """
    shape, trunk = pretrained_trunk(name, training.vectors.shape[1])
    if any(stage.name == "late" for stage in stages) and len(trunk) <= _EARLY:
        raise InputError(
            f"{name} cannot be trained in parts: its stages are head and all, as in head=8,all=8,head=12."
        )
    vectors = {split.texts: split.vectors for split in (training, validation)}
    before: Path | None = None
    progress = RunState()
    for place, stage in enumerate(stages, 1):
        own = folder / f"{place}-{stage.name}"
        last_head = stage.name == "head" and place == len(stages)
        plan = stage_plan(stage, len(trunk), size, seed, last_head)
        torch.manual_seed(seed)
        goes_on = before if stage.name != "head" else None
        network = load_nano(goes_on / "best") if goes_on else _with_new_head(shape, trunk, last_head)
        backbone = Backbone(name, network, lambda texts: torch.from_numpy(vectors[tuple(texts)]), size, save_nano)
        progress = train(
            backbone,
            training,
            validation,
            plan,
            own,
            start=goes_on,
            device=device,
            each_epoch=each_epoch,
            each_step=each_step,
        )
        before, trunk = own, load_nano(own / "best").trunk
        for views in own.glob("views-*.npy"):
            views.unlink()  # gigabytes, and made again from the seed
    assert before is not None
    shutil.copytree(before / "best", folder / "best", dirs_exist_ok=True)
    shutil.copy(before / "best-heads.pt", folder / "best-heads.pt")
    return progress


def pretrained_trunk(name: str, text_dim: int) -> tuple[NanoConfig, nn.Sequential]:
    """Shape of a nano, and its trunk with pretrained weights. Raises EncoderError where they are missing."""
    usual = NanoConfig(text_dim=text_dim, drop_path=0.1, dropout=0.3)
    if name in LITE:
        return replace(usual, trunk=name), load_imagenet(name)
    trunk = load_vision_trunk(name)
    return replace(usual, trunk="transformers", vision=vision_config(trunk)), trunk


def _with_new_head(shape: NanoConfig, trunk: nn.Sequential, last: bool) -> Nano:
    """A nano over a copy of a trunk. The last head has a hidden layer; before, a straight one makes the trunk's
    features tell by themselves what the texts tell."""
    nano = Nano(replace(shape, hidden=_HIDDEN) if last else shape)
    nano.trunk.load_state_dict(trunk.state_dict())
    return nano
