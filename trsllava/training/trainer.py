"""Train an image-text network: resumable after every epoch, chosen on validation."""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from indexer.progress import Progress, no_progress
from trsllava.lexicon import lexicon
from trsllava.models.diaret import DiaRet
from trsllava.models.features import ImageTextNetwork, LayeredNetwork
from trsllava.training.backbones import Backbone
from trsllava.training.checkpoint import RunState, load_run, save_run
from trsllava.training.curves import draw_curves
from trsllava.training.data import CaptionedSet
from trsllava.training.frozen import FrozenViews, freeze_views, random_view, whole_view
from trsllava.training.objectives.total import weighted_sum
from trsllava.training.plan import TrainingPlan
from trsllava.training.schedule import average_into, rate_at
from trsllava.training.step import Lesson, batch_losses, prepare
from trsllava.training.validation import caption_scores, embed_texts, retrieval_recalls, validate

_LARGEST_GRADIENT = 2.0
_HEADS = "best-heads.pt"

EpochReport = Callable[[dict[str, float]], None]


@dataclass(frozen=True)
class SeenViews:
    """What frozen layers make of the pictures to learn from and of those to validate on."""

    training: FrozenViews
    validation: FrozenViews


def not_reported(line: dict[str, float]) -> None:
    """Told to nobody."""


def train(
    backbone: Backbone,
    training: CaptionedSet,
    validation: CaptionedSet,
    plan: TrainingPlan,
    folder: Path,
    *,
    start: Path | None = None,
    seen: Callable[[], SeenViews] | None = None,
    device: str = "cpu",
    each_epoch: EpochReport = not_reported,
    each_step: Progress = no_progress,
) -> RunState:
    """Train until the plan's last epoch, or until validation no longer gains.

    `folder` gets `last.pt` (to go on from), `best/` (the averaged network of the best epoch, for its encoder),
    `best-heads.pt`, `history.json` and `curves.svg`. A run that finds its own `last.pt` goes on after it and ends
    bit-equal to one that was never stopped. `start`: a run whose best heads this one begins with. `seen`: asked
    once, where something is left to learn, for what the layers that the plan freezes make of the pictures; computed
    and kept in `folder` where left out. Raises InputError where `folder` holds another run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    inputs = backbone.text_inputs(training.texts)
    lesson = prepare(training, inputs, plan)
    asked = inputs if validation is training else backbone.text_inputs(validation.texts)
    torch.manual_seed(plan.seed)  # of the parts that only training asks
    model = _model(backbone, lesson, plan)
    if start is not None:
        model.heads.load_state_dict(torch.load(start / _HEADS, weights_only=True, map_location="cpu")["heads"])
    about = f"{backbone.name}, {lesson.pictures} pictures, {len(training.texts)} captions" + _dialogues_in(training)
    progress = RunState()
    found = load_run(folder, plan, about)
    if found is not None:
        progress, state = found
        if _ended(progress, plan):
            return progress
    shown: FrozenViews | None = None
    if plan.frozen:
        assert isinstance(model.network, LayeredNetwork)
        model.network.first(plan.frozen).requires_grad_(False)
        views = seen() if seen else freeze(model.network, training, validation, plan, folder, each_step)
        lesson, shown = replace(lesson, frozen=views.training), views.validation
    model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = copy.deepcopy(model)
    optimizer = _optimizer(model, plan)
    if found is not None:
        model.load_state_dict(state["model"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
    while not _ended(progress, plan):
        began = time.monotonic()
        losses = _epoch(model, averaged, optimizer, lesson, plan, progress.epoch, each_step)
        recalls = _validate(averaged.network, validation, shown, asked, plan)
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


def _dialogues_in(training: CaptionedSet) -> str:
    """The dialogues, by number and digest; empty where there are none."""
    if not training.dialogues:
        return ""
    sayings = [saying for own in training.dialogues for saying in own]
    told = [(saying.caption, saying.behind, sorted(saying.keywords or ())) for saying in sayings]
    return f", {len(told)} dialogues {hashlib.sha256(repr(told).encode()).hexdigest()[:8]}"


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
    each_step: Progress,
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
            group["lr"] = group["share"] * rate_at(done, plan.epochs * steps, plan.rate, plan.warmup)
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
    """AdamW; no decay for vectors, nor for a text projection that begins as the identity. The trunk has a rate of its
    own where it is pretrained."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, weight in model.named_parameters():
        if not weight.requires_grad:
            continue
        decay = 0.0 if weight.ndim <= 1 or "text.linear" in name else plan.weight_decay
        share = plan.trunk_share if name.startswith("network.trunk.") else 1.0
        groups.setdefault((decay, share), []).append(weight)
    return torch.optim.AdamW(
        [{"params": found, "weight_decay": decay, "share": share} for (decay, share), found in groups.items()],
        lr=plan.rate,
    )


def freeze(
    network: LayeredNetwork,
    training: CaptionedSet,
    validation: CaptionedSet,
    plan: TrainingPlan,
    folder: Path,
    each_step: Progress = no_progress,
) -> SeenViews:
    """What the first layers, those that the plan freezes, make of both sets; kept in `folder`, and read from there."""
    shown = freeze_views(
        network,
        plan.frozen,
        validation.pixels,
        folder / "validation-views.npy",
        1,
        whole_view(plan.eval_size),
        "look at validation pictures",
        each_step,
    )
    learnt = freeze_views(
        network,
        plan.frozen,
        training.pixels,
        folder / f"views-{_views_digest(network, plan)}.npy",
        plan.views,
        random_view(plan.augmentation, plan.seed),
        progress=each_step,
    )
    return SeenViews(learnt, shown)


def _views_digest(network: LayeredNetwork, plan: TrainingPlan) -> str:
    """Of what decides how training views look: those that a run left behind serve no other run."""
    weights = network.first(plan.frozen).state_dict()
    digest = hashlib.sha256(repr((plan.augmentation, plan.seed, plan.views, plan.frozen)).encode())
    for name in sorted(weights):
        digest.update(weights[name].cpu().numpy().tobytes())
    return digest.hexdigest()[:12]


def _validate(
    network: ImageTextNetwork,
    validation: CaptionedSet,
    shown: FrozenViews | None,
    asked: Tensor,
    plan: TrainingPlan,
) -> dict[str, float]:
    if shown is None:
        return validate(network, validation, asked, plan.eval_size)
    pictures = torch.cat([features.embedding for features in shown.features(network)]).cpu().numpy()
    return retrieval_recalls(caption_scores(pictures, embed_texts(network, asked), validation), validation.owner())


def _ended(progress: RunState, plan: TrainingPlan) -> bool:
    stalled = 0 < plan.patience <= progress.epoch - progress.best_epoch
    return progress.epoch >= plan.epochs or stalled


def _keep_best(backbone: Backbone, averaged: DiaRet, lesson: Lesson, folder: Path) -> None:
    backbone.save(averaged.network, folder / "best")
    heads = {"heads": averaged.heads.state_dict(), "scenes": list(lesson.scene_names),
             "things": [word.name for word in lexicon()]}  # fmt: skip
    torch.save(heads, folder / _HEADS)
