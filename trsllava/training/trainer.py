"""Train an image-text network: resumable after every epoch, chosen on validation."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from trsllava.lexicon import lexicon
from trsllava.models.diaret import DiaRet
from trsllava.training.backbones import Backbone
from trsllava.training.checkpoint import Progress, load_run, save_run
from trsllava.training.curves import draw_curves
from trsllava.training.data import CaptionedSet
from trsllava.training.objectives.total import weighted_sum
from trsllava.training.plan import TrainingPlan
from trsllava.training.schedule import average_into, rate_at
from trsllava.training.step import Lesson, batch_losses, prepare
from trsllava.training.validation import validate

_LARGEST_GRADIENT = 2.0

EpochReport = Callable[[dict[str, float]], None]
StepReport = Callable[[str, int, int], None]


def train(
    backbone: Backbone,
    training: CaptionedSet,
    validation: CaptionedSet,
    plan: TrainingPlan,
    folder: Path,
    *,
    device: str = "cpu",
    each_epoch: EpochReport = lambda line: None,
    each_step: StepReport = lambda stage, done, total: None,
) -> Progress:
    """Train until the plan's last epoch, or until validation no longer gains.

    `folder` gets `last.pt` (to go on from), `best/` (the averaged network of the best epoch, for its encoder),
    `best-heads.pt`, `history.json` and `curves.svg`. A run that finds its own `last.pt` goes on after it and ends
    bit-equal to one that was never stopped. Raises InputError where `folder` holds another run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    inputs = backbone.text_inputs(training.texts)
    lesson = prepare(training, inputs, plan)
    asked = inputs if validation is training else backbone.text_inputs(validation.texts)
    torch.manual_seed(plan.seed)  # of the parts that only training asks
    model = _model(backbone, lesson, plan).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = copy.deepcopy(model)
    optimizer = _optimizer(model, plan)
    about = f"{backbone.name}, {lesson.pictures} pictures, {len(training.texts)} captions"
    progress = Progress()
    found = load_run(folder, plan, about)
    if found is not None:
        progress, state = found
        model.load_state_dict(state["model"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
    while progress.epoch < plan.epochs and not _stalled(progress, plan):
        began = time.monotonic()
        losses = _epoch(model, averaged, optimizer, lesson, plan, progress.epoch, each_step)
        recalls = validate(averaged.network, validation, asked, plan.eval_size)
        progress.epoch += 1
        spent, scale = time.monotonic() - began, float(model.network.log_scale.detach().exp())
        line = {"epoch": progress.epoch, **losses, **recalls, "scale": scale, "seconds": spent}
        progress.history.append(line)
        if recalls["mR"] > progress.best:
            progress.best, progress.best_epoch = recalls["mR"], progress.epoch
            _keep_best(backbone, averaged, lesson, folder)
        draw_curves(progress.history, folder / "curves.svg")
        state = {"model": model.state_dict(), "averaged": averaged.state_dict(), "optimizer": optimizer.state_dict()}
        save_run(folder, plan, about, progress, state)
        each_epoch(line)
    return progress


def _model(backbone: Backbone, lesson: Lesson, plan: TrainingPlan) -> DiaRet:
    classes = lesson.pictures if plan.identity == "image" else len(lesson.scene_names)
    return DiaRet(
        backbone.network,
        scenes=len(lesson.scene_names),
        things=len(lexicon()),
        identities=classes if plan.weights.id else 0,
        words=lesson.words.vocabulary if plan.weights.irr else 0,
        longest=lesson.words.words.shape[1],
    )


def _epoch(
    model: DiaRet,
    averaged: DiaRet,
    optimizer: torch.optim.Optimizer,
    lesson: Lesson,
    plan: TrainingPlan,
    epoch: int,
    each_step: StepReport,
) -> dict[str, float]:
    """One pass over the training set; mean losses. Its random numbers depend on seed and epoch alone."""
    seed = plan.seed * 100_003 + epoch
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    order = torch.randperm(lesson.pictures, generator=generator).tolist()
    batch = min(plan.batch, lesson.pictures)
    steps = lesson.pictures // batch
    sums: dict[str, float] = {}
    model.train()
    for step in range(steps):
        done = epoch * steps + step
        for group in optimizer.param_groups:
            group["lr"] = rate_at(done, plan.epochs * steps, plan.rate, plan.warmup)
        losses = batch_losses(model, lesson, order[step * batch : (step + 1) * batch], plan, generator)
        optimizer.zero_grad(set_to_none=True)
        weighted_sum(losses, plan.weights).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), _LARGEST_GRADIENT)
        optimizer.step()
        average_into(averaged, model, done, plan.averaging)
        for name, loss in losses.items():
            sums[name] = sums.get(name, 0.0) + float(loss.detach()) / steps
        each_step(f"epoch {epoch + 1}", step + 1, steps)
    return sums


def _optimizer(model: DiaRet, plan: TrainingPlan) -> torch.optim.Optimizer:
    """AdamW; no decay for vectors, nor for a text projection that begins as the identity."""
    named = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    plain = [weight for name, weight in named if weight.ndim <= 1 or "text.linear" in name]
    decayed = [weight for name, weight in named if weight.ndim > 1 and "text.linear" not in name]
    groups = [{"params": decayed, "weight_decay": plan.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=plan.rate)


def _stalled(progress: Progress, plan: TrainingPlan) -> bool:
    return 0 < plan.patience <= progress.epoch - progress.best_epoch


def _keep_best(backbone: Backbone, averaged: DiaRet, lesson: Lesson, folder: Path) -> None:
    backbone.save(averaged.network, folder / "best")
    heads = {"heads": averaged.heads.state_dict(), "scenes": list(lesson.scene_names),
             "things": [word.name for word in lexicon()]}  # fmt: skip
    torch.save(heads, folder / "best-heads.pt")
