"""What decides what comes out of a training run, beside data and first weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trsllava.lexicon import Level
from trsllava.training.augment import Augmentation
from trsllava.training.objectives.total import NANO, PAPER, Weights

Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True)
class TrainingPlan:
    """Kept with the run; a run is continued under its own plan alone."""

    epochs: int
    batch: int
    rate: float
    """Learning rate at its peak."""
    weights: Weights
    augmentation: Augmentation
    eval_size: int
    """Side in pixels at which validation sees whole pictures."""
    weight_decay: float = 0.1
    warmup: float = 0.06
    """Share of the steps in which the rate rises."""
    averaging: float = 0.995
    """Decay of the averaged weights a step."""
    patience: int = 0
    """Epochs without a better validation mR after which the run ends; 0: it never ends early."""
    seed: int = 0
    captions: int = 1
    """Captions drawn for each picture of a batch."""
    negatives: int = 0
    """Further captions of the set that each picture must tell from its own."""
    affinity_temperature: float = 0.0
    """How near a paraphrase must be to count as right (`caption_affinity`); 0: equal texts alone."""
    identity: Literal["image", "scene"] = "image"
    """The classes of eq. 9."""
    keywords: Literal["direct", "far", "dialogues"] = "direct"
    """What eq. 5 hides: words of the caption, or of attribute sentences behind it, which other captions or dialogues
    lead to (Table 2; without: weight 0)."""
    keyword_levels: tuple[Level, ...] = ("global", "large", "small", "look")
    """The keywords' levels, after Table 3."""
    hidden_share: float = 0.3
    """Of a caption's keywords."""
    smoothing: float = 0.1
    """Of the scene classes."""
    precision: Precision = "fp32"
    frozen: int = 0
    """First layers of a pretrained trunk that stay as they are. What they make of pictures is computed once."""
    views: int = 0
    """Views of each picture that are computed once where layers are frozen."""
    trunk_share: float = 1.0
    """Learning rate of the trunk, relative to that of what stands behind it."""


def nano_plan() -> TrainingPlan:
    """From scratch, against frozen text vectors, which cost nothing: all captions of a picture and many negatives."""
    return TrainingPlan(
        epochs=48,
        batch=128,
        rate=2e-3,
        weights=NANO,
        augmentation=Augmentation(),
        eval_size=128,
        captions=5,
        negatives=1024,
        affinity_temperature=0.05,
    )


def clip_plan(size: int) -> TrainingPlan:
    """Fine-tuning a CLIP as the paper does (section 4.1: Adam, batch 64, 20 epochs, 256 px where `size` says so).

    It does not tell the learning rate; 1e-5 is Jiang & Ye's (CVPR 2023).
    """
    mild = Augmentation(size=size, area=(0.6, 1.0), tilt=0.0, colour=0.2, grey=0.0, cutout=0.0, blend=0.0)
    return TrainingPlan(
        epochs=20,
        batch=64,
        rate=1e-5,
        weights=PAPER,
        augmentation=mild,
        eval_size=size,
        weight_decay=0.0,
        averaging=0.99,
    )
