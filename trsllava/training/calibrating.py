"""Learn to compare texts with texts: captions of one picture belong together. Needs no picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from eval.datasets.captions import CaptionedImage
from eval.proxy import proxy_task
from eval.report import Figures, measure
from eval.scores import text_scores
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import InputError
from trsllava.models.calibration import Calibration
from trsllava.training.objectives.contrastive import caption_affinity, contrastive_loss
from trsllava.training.schedule import rate_at


@dataclass(frozen=True)
class CalibrationPlan:
    """Chosen on RSICD's validation split."""

    steps: int = 300
    batch: int = 512
    rate: float = 1e-3
    hidden: int = 512
    affinity_temperature: float = 0.05
    seed: int = 0


def train_calibration(
    images: Sequence[CaptionedImage],
    encoder: TextEncoder,
    plan: CalibrationPlan,
    each_step: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Calibration:
    """Learn from pairs of different captions of the same image, each told from the other images' captions.

    The loss is DiaRet's eq. 8 with a second caption in the picture's place. Raises InputError where fewer than two
    images have two different captions.
    """
    pairs = [tuple(dict.fromkeys(image.captions)) for image in images if len(set(image.captions)) > 1]
    if len(pairs) < 2:
        raise InputError("A calibration learns from images with two different captions; these have none to compare.")
    texts = list(dict.fromkeys(text for captions in pairs for text in captions))
    row = {text: number for number, text in enumerate(texts)}
    vectors = torch.from_numpy(encoder.encode(texts))
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    calibration = Calibration(encoder.dim, plan.hidden).train()
    log_scale = nn.Parameter(torch.tensor(math.log(20.0)))
    optimizer = torch.optim.Adam([*calibration.parameters(), log_scale], lr=plan.rate)
    for step in range(plan.steps):
        optimizer.param_groups[0]["lr"] = rate_at(step, plan.steps, plan.rate, 0.0)
        drawn = rng.choice(len(pairs), min(plan.batch, len(pairs)), replace=False)
        two = np.array([[row[text] for text in rng.choice(pairs[place], 2, replace=False)] for place in drawn])
        one, other = vectors[two[:, 0]], vectors[two[:, 1]]
        affinity = sum(caption_affinity(side[:, None], side, plan.affinity_temperature) for side in (one, other))
        assert isinstance(affinity, torch.Tensor)
        loss = contrastive_loss(calibration(one), calibration(other), affinity, len(two), log_scale)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        each_step("calibrate", step + 1, plan.steps)
    return calibration.eval()


def validate_calibration(
    calibration: Calibration, images: Sequence[CaptionedImage], encoder: TextEncoder
) -> tuple[Figures, Figures]:
    """Text to text on the validation proxy (`eval.proxy`): with the encoder's vectors as they are, and calibrated."""
    task = proxy_task(images)
    texts = list(dict.fromkeys([*task.queries, *(text for document in task.documents for text in document.texts())]))
    plain = encoder.encode(texts)
    with torch.inference_mode():
        bent = calibration(torch.from_numpy(plain)).numpy()
    tables = (dict(zip(texts, vectors, strict=True)) for vectors in (plain, bent))
    before, after = (measure(scores, scores, task.owner)[0] for scores in (text_scores(task, t) for t in tables))
    return before, after
