"""Learn to compare people's texts with a captioner's: what either says of a picture belongs together, and with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from eval.datasets.captions import CaptionedImage
from eval.proxy import nearest_captions
from eval.report import Figures, measure
from eval.task import RetrievalTask
from indexer.progress import Progress, no_progress
from trsllava.encoders.protocol import FloatArray, TextEncoder
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


@dataclass(frozen=True)
class CaptionedViews:
    """n pictures as an image-text encoder sees them, with their captions."""

    texts: tuple[str, ...]
    """m distinct captions."""
    rows: tuple[tuple[int, ...], ...]
    """Of each picture, the places of its distinct captions in `texts`."""
    pictures: FloatArray
    """`(n, d)` float32, L2-normalised, in a space as wide as the text encoder's."""
    nearest: NDArray[np.intp]
    """`(n, k)` places in `texts`: others' captions that the encoder holds nearest each picture. A captioner trained
    on such data says the like."""


def captioned_views(
    images: Sequence[CaptionedImage], pictures: FloatArray, encode_texts: Callable[[Sequence[str]], FloatArray]
) -> CaptionedViews:
    """Captioned pictures with their embeddings `(n, d)`; `encode_texts` takes texts into the same space.

    Raises InputError where all captions are the same.
    """
    texts = tuple(dict.fromkeys(text for image in images for text in image.captions))
    row = {text: place for place, text in enumerate(texts)}
    rows = tuple(tuple(row[text] for text in dict.fromkeys(image.captions)) for image in images)
    if len(texts) < 2:
        raise InputError("A calibration learns from pictures with different captions; these all have the same one.")
    nearest = nearest_captions(pictures, encode_texts(texts), rows)
    return CaptionedViews(texts, rows, pictures, nearest)


def train_calibration(
    views: CaptionedViews,
    encoder: TextEncoder,
    plan: CalibrationPlan,
    each_step: Progress = no_progress,
) -> Calibration:
    """Learn to tell what belongs to a caption from what belongs to other pictures of the batch, by DiaRet's eq. 8.

    To a caption belong its picture, and a sentence out of `nearest`, as a captioner would say it: the first tells
    words apart that look apart, the second teaches what a captioner's words are worth. Both losses count alike; each
    has a temperature of its own.
    """
    vectors, pictures = torch.from_numpy(encoder.encode(views.texts)), torch.from_numpy(views.pictures)
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    calibration = Calibration(encoder.dim, plan.hidden).train()
    log_scales = nn.Parameter(torch.full((2,), math.log(20.0)))
    optimizer = torch.optim.Adam([*calibration.parameters(), log_scales], lr=plan.rate)
    batch = min(plan.batch, len(views.rows))
    for step in range(plan.steps):
        optimizer.param_groups[0]["lr"] = rate_at(step, plan.steps, plan.rate, 0.0)
        drawn = rng.choice(len(views.rows), batch, replace=False)
        human = vectors[[rng.choice(views.rows[place]) for place in drawn]]
        machine = vectors[views.nearest[drawn, rng.integers(views.nearest.shape[1], size=batch)]]
        alike, likewise = (
            caption_affinity(side[:, None], side, plan.affinity_temperature) for side in (human, machine)
        )
        bent = calibration(human)
        by_picture = contrastive_loss(pictures[drawn], bent, alike, batch, log_scales[0])
        by_machine = contrastive_loss(calibration(machine), bent, alike + likewise, batch, log_scales[1])
        optimizer.zero_grad(set_to_none=True)
        (by_picture + by_machine).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        each_step("calibrate", step + 1, plan.steps)
    return calibration.eval()


def validate_calibration(
    calibration: Calibration, task: RetrievalTask, encoder: TextEncoder
) -> tuple[Figures, Figures]:
    """Text to text on a task (`eval.proxy`): with the encoder's vectors as they are, and calibrated."""
    texts = list(dict.fromkeys([*task.queries, *(text for document in task.documents for text in document.texts())]))
    plain = encoder.encode(texts)
    with torch.inference_mode():
        bent = calibration(torch.from_numpy(plain)).numpy()
    tables = (dict(zip(texts, vectors, strict=True)) for vectors in (plain, bent))
    before, after = (measure(scores, scores, task.owner)[0] for scores in (_scores(task, t) for t in tables))
    return before, after


def _scores(task: RetrievalTask, vectors: Mapping[str, FloatArray]) -> FloatArray:
    """Cosine of each query with the best variant of each document, `(q, n)` float32, of vectors that are there."""
    queries = np.stack([vectors[text] for text in task.queries])
    columns = [
        (queries @ np.stack([vectors[text] for text in document.texts()]).T).max(1) for document in task.documents
    ]
    return np.stack(columns, 1)
