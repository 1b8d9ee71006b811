"""Train a network on captioned pictures: one process, resumable after every epoch, chosen on validation."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from trsllava.models.nano import Nano, presence_logits
from trsllava.training.augment import Augmentation, Blend, blend_views, random_views
from trsllava.training.data import CaptionedSet
from trsllava.training.lexicon import lexicon
from trsllava.training.objectives.contrastive import caption_affinity, contrastive_loss
from trsllava.training.objectives.identity import identity_loss
from trsllava.training.validation import caption_scores, embed_pictures, retrieval_recalls


@dataclass(frozen=True)
class TrainingPlan:
    """Everything that decides what comes out, beside data and network."""

    epochs: int = 45
    batch: int = 128
    peak_rate: float = 2e-3
    weight_decay: float = 0.1
    warmup: float = 0.06
    """Share of the steps in which the rate rises."""
    averaging: float = 0.995
    """Decay of the averaged weights a step."""
    seed: int = 0
    affinity_temperature: float = 0.05
    """How near a paraphrase must be to count as right (`caption_affinity`); 0: equal texts only."""
    negatives: int = 1024
    """Further captions that each picture must tell from its own."""
    scene_weight: float = 0.5
    thing_weight: float = 10.0
    smoothing: float = 0.1
    eval_size: int = 128
    bf16: bool = True
    augmentation: Augmentation = field(default_factory=Augmentation)


def train(
    network: Nano,
    training: CaptionedSet,
    validation: CaptionedSet,
    plan: TrainingPlan,
    folder: Path,
    report: Callable[[dict[str, Any]], None],
) -> Nano:
    """Train, and return the averaged weights of the epoch with the best validation mR.

    `folder` keeps `last.pt` and `best.pt`; a run that finds its own `last.pt` goes on after it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scenes = sorted(set(training.scenes) - {""})
    targets = _Targets(
        scene=torch.tensor([scenes.index(scene) for scene in training.scenes]),
        things=torch.from_numpy(training.presence(lexicon())),
    )
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = copy.deepcopy(network)
    optimizer = _optimizer(network, plan)
    steps_an_epoch = len(training.rows) // plan.batch
    start, best, history = 0, -1.0, []
    if (folder / "last.pt").exists():
        state = torch.load(folder / "last.pt", weights_only=False)
        network.load_state_dict(state["network"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])
        start, best, history = state["epoch"], state["best"], state["history"]
    for epoch in range(start, plan.epochs):
        began = time.monotonic()
        generator = torch.Generator().manual_seed(plan.seed * 100_003 + epoch)
        torch.manual_seed(plan.seed * 100_003 + epoch)
        order = torch.randperm(len(training.rows), generator=generator)
        sums: dict[str, float] = {}
        network.train()
        for step in range(steps_an_epoch):
            rate = _rate(plan, epoch * steps_an_epoch + step, plan.epochs * steps_an_epoch)
            for group in optimizer.param_groups:
                group["lr"] = rate
            chosen = order[step * plan.batch : (step + 1) * plan.batch]
            losses = _losses(network, training, targets, chosen, plan, generator)
            optimizer.zero_grad(set_to_none=True)
            total = torch.stack(list(losses.values())).sum()
            total.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
            optimizer.step()
            _average(averaged, network, min(plan.averaging, (1 + epoch * steps_an_epoch + step) / (10 + epoch * steps_an_epoch + step)))
            for name, loss in losses.items():
                sums[name] = sums.get(name, 0.0) + float(loss.detach()) / steps_an_epoch
        line = {"epoch": epoch + 1, **sums, **_validate(averaged, validation, plan.eval_size),
                "scale": float(network.log_scale.detach().exp()), "seconds": time.monotonic() - began}  # fmt: skip
        history.append(line)
        report(line)
        if line["mR"] > best:
            best = line["mR"]
            _save(folder / "best.pt", {"averaged": averaged.state_dict(), "epoch": epoch + 1, "config": asdict(network.config), "scenes": scenes})
        _save(folder / "last.pt", {"network": network.state_dict(), "averaged": averaged.state_dict(), "optimizer": optimizer.state_dict(),
                                   "epoch": epoch + 1, "best": best, "history": history})  # fmt: skip
        (folder / "history.json").write_text(json.dumps(history))
    averaged.load_state_dict(torch.load(folder / "best.pt", weights_only=False)["averaged"])
    return averaged


@dataclass(frozen=True)
class _Targets:
    scene: Tensor
    things: Tensor


def _losses(
    network: Nano,
    data: CaptionedSet,
    targets: _Targets,
    chosen: Tensor,
    plan: TrainingPlan,
    generator: torch.Generator,
) -> dict[str, Tensor]:
    views = random_views(torch.from_numpy(data.pixels[chosen.numpy()]), plan.augmentation, generator)
    views, blend = blend_views(views, plan.augmentation, generator)
    with torch.autocast("cpu", torch.bfloat16, enabled=plan.bf16):
        features = network(views.contiguous(memory_format=torch.channels_last))
    rows = [data.rows[picture] for picture in chosen.tolist()]
    own = np.array([row for captions in rows for row in captions])
    of_batch = list(dict.fromkeys(own.tolist()))
    known = set(of_batch)
    drawn = torch.randint(0, len(data.texts), (plan.negatives,), generator=generator).tolist()
    others = [row for row in dict.fromkeys(drawn) if row not in known]
    vectors = torch.from_numpy(data.vectors[of_batch + others])
    own_vectors = torch.from_numpy(data.vectors[own]).view(len(rows), len(rows[0]), -1)
    affinity = _mixed(caption_affinity(own_vectors, vectors, plan.affinity_temperature), blend)
    texts = network.encode_texts(vectors)
    scene = _mixed(functional.one_hot(targets.scene[chosen], features.scene_logits.shape[1]).float(), blend)
    things = _mixed(targets.things[chosen], blend)
    return {
        "itc": contrastive_loss(features.embedding, texts, affinity, len(of_batch), network.log_scale),
        "scene": plan.scene_weight * identity_loss(features.scene_logits, scene, plan.smoothing),
        "things": plan.thing_weight
        * functional.binary_cross_entropy_with_logits(presence_logits(features.thing_map), things),
    }


def _mixed(targets: Tensor, blend: Blend | None) -> Tensor:
    return targets if blend is None else blend.of(targets)


def _validate(network: Nano, data: CaptionedSet, size: int) -> dict[str, float]:
    with torch.inference_mode():
        texts = network.eval().encode_texts(torch.from_numpy(data.vectors)).numpy()
    pictures = embed_pictures(network, data.pixels, size)
    return retrieval_recalls(caption_scores(pictures, texts, data), data.owner())


def _optimizer(network: Nano, plan: TrainingPlan) -> torch.optim.Optimizer:
    decayed = [p for name, p in network.named_parameters() if p.ndim > 1 and "text_projection" not in name]
    plain = [p for name, p in network.named_parameters() if p.ndim <= 1 or "text_projection" in name]
    groups = [{"params": decayed, "weight_decay": plan.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=plan.peak_rate)


def _rate(plan: TrainingPlan, step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine to a hundredth."""
    warm = max(1, round(plan.warmup * steps))
    if step < warm:
        return plan.peak_rate * (step + 1) / warm
    along = (step - warm) / max(1, steps - warm)
    return plan.peak_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * along)) / 2)


def _average(averaged: torch.nn.Module, network: torch.nn.Module, decay: float) -> None:
    with torch.no_grad():
        for old, new in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
            if old.dtype.is_floating_point:
                old.lerp_(new, 1 - decay)
            else:
                old.copy_(new)


def _save(path: Path, state: dict[str, Any]) -> None:
    draft = path.with_suffix(".part")
    torch.save(state, draft)
    os.replace(draft, path)
