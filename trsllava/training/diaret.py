"""A whole training with DiaRet's objectives: from a caption file to the best network, whatever the backbone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import torch

from indexer.progress import Progress
from trsllava.dialogue.written import read_dialogues
from trsllava.encoders.text import load_text_encoder
from trsllava.errors import InputError, Parameter
from trsllava.lexicon import parse_levels
from trsllava.training import checkpoint
from trsllava.training.backbones import clip_backbone, is_image_backbone, nano_backbone
from trsllava.training.data import load_split
from trsllava.training.devices import check_device
from trsllava.training.far import dialogue_sayings
from trsllava.training.objectives.total import parse_weights
from trsllava.training.plan import TrainingPlan, clip_plan, nano_plan
from trsllava.training.precision import fast_precision
from trsllava.training.staged import USUAL, parse_stages, train_staged
from trsllava.training.trainer import train

_STAGED_SIDE = 224
"""Pixels that a pretrained image backbone is shown where nothing else is asked for."""


def train_diaret(
    images: Path,
    captions: Path,
    output: Path,
    *,
    encoder: str,
    backbone: str,
    stages: str | None,
    epochs: int | None,
    batch: int | None,
    rate: float | None,
    size: int | None,
    objectives: str | None,
    levels: str | None,
    dialogues: Path | None = None,
    precision: Literal["auto", "bf16", "fp32"],
    device: str,
    seed: int,
    each_epoch: Callable[[dict[str, float]], None],
    progress: Progress,
    **settings: Any,
) -> checkpoint.RunState:
    """Train a backbone by its usual plan, with what is not None changed; a run found in `output` goes on.

    `encoder`: the frozen text encoder. `backbone`: `nano`, a pretrained image backbone (trained in `stages`), or a
    transformers CLIP. `size`: side in pixels. `objectives`, `levels`: as in `irr=0.5`, `global,small`.
    `dialogues`: a file whose keywords implicit relation reasoning learns from, at weight 1 where `objectives` names
    none. `settings`: further ones of `TrainingPlan`. Raises InputError for settings that do not go with the backbone,
    CaptionFileError, EncoderError.
    """
    check_device(device)
    checkpoint.check_run_folder(output)
    torch.manual_seed(seed)
    text_encoder = load_text_encoder(encoder)
    if backbone != "nano" and is_image_backbone(backbone):
        own = {"epochs": epochs, "batch": batch, "rate": rate, "objectives": objectives, "levels": levels,
               "dialogues": dialogues}  # fmt: skip
        _check_unused([name for name, value in own.items() if value is not None])
        planned, side = parse_stages(stages or USUAL), size or _STAGED_SIDE
        training, validation = (
            load_split(images, captions, split, text_encoder, round(side * 8 / 7), progress)
            for split in ("train", "val")
        )
        return train_staged(
            backbone, training, validation, planned, output,
            size=side, device=device, seed=seed, each_epoch=each_epoch, each_step=progress,
        )  # fmt: skip
    if stages is not None:
        raise InputError(
            Parameter("stages"),
            " is for pretrained image backbones, such as ",
            Parameter("backbone", "efficientnet-lite0"),
            ".",
        )
    told = read_dialogues(dialogues) if dialogues else []
    if dialogues is not None:
        objectives = ",".join(filter(None, ["irr=1", objectives]))
        settings["keywords"] = "dialogues"
    chosen = nano_backbone(text_encoder) if backbone == "nano" else clip_backbone(backbone)
    plan = changed_plan(
        nano_plan() if backbone == "nano" else clip_plan(chosen.size),
        size,
        objectives,
        levels,
        epochs=epochs,
        batch=batch,
        rate=rate,
        seed=seed,
        precision=fast_precision(device) if precision == "auto" else precision,
        **settings,
    )
    if dialogues is not None and plan.weights.irr == 0:
        raise InputError(
            "The objective irr learns from dialogues, and its weight is 0. Leave out one of ",
            Parameter("dialogues"),
            " and ",
            Parameter("objectives"),
            ".",
        )
    side = max(plan.eval_size, round(plan.augmentation.size * 1.4))
    training = load_split(images, captions, "train", text_encoder, side, progress)
    if told:
        training = replace(training, dialogues=dialogue_sayings(training.names, told))
    validation = load_split(images, captions, "val", text_encoder, side, progress)
    return train(
        chosen, training, validation, plan, output, device=device, each_epoch=each_epoch, each_step=progress
    )  # fmt: skip


def changed_plan(
    usual: TrainingPlan, size: int | None, objectives: str | None, levels: str | None, **settings: Any
) -> TrainingPlan:
    """A backbone's usual plan, with what is asked for; a setting that is None stays as it is. Raises InputError."""
    plan = replace(usual, **{name: value for name, value in settings.items() if value is not None})
    if size is not None:
        shown = round(size * plan.eval_size / plan.augmentation.size)
        plan = replace(plan, augmentation=replace(plan.augmentation, size=size), eval_size=shown)
    if objectives is not None:
        plan = replace(plan, weights=parse_weights(objectives, plan.weights))
    if levels is not None:
        plan = replace(plan, keyword_levels=parse_levels(levels))
    return plan


def _check_unused(given: list[str]) -> None:
    """Raises InputError where there is any."""
    if given:
        listed = [part for name in given for part in (", ", Parameter(name))][1:]
        raise InputError(
            *listed,
            ": not for a pretrained image backbone, whose stages bring their own settings. Give ",
            Parameter("stages"),
            f", as in {USUAL}.",
        )
