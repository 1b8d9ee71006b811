"""Make a captioner of a trained nano: a decoder for sentences, and how sure it may be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from eval.metrics.calibration_error import calibration_error
from indexer.progress import Progress, no_progress
from trsllava.captioners.nano.impression import CONFIDENCE, Confidence
from trsllava.captioners.nano.rich_text import CAUTION
from trsllava.captioners.nano.sentences import DECODER_WORDS
from trsllava.errors import InputError
from trsllava.lexicon import lexicon
from trsllava.training.confidence import fit_confidence
from trsllava.training.data import CaptionedSet
from trsllava.training.decoder import DecoderPlan, train_decoder
from trsllava.training.export import export_decoder
from trsllava.training.non_scenes import draw_non_scenes
from trsllava.training.sights import Sights, TrainedNano, load_trained, other_views, whole_views
from trsllava.training.vocabulary import learn_vocabulary

_VIEWS = 3
"""Changed views of each training picture that the decoder learns from."""
_NON_SCENES = 1400


@dataclass(frozen=True)
class CaptionerFigures:
    """What the confidence is worth on the validation split that it was fitted to; shares 0…1."""

    scene_right: float
    scene_error: float
    """Expected calibration error of the likeliest scene's chance."""
    presence_error: float
    """Of all things' chances."""
    places_missed: float
    """Pictures of places that are taken for nothing."""
    nothing_missed: float
    """Pictures of nothing, drawn anew, that are taken for places."""


def train_captioner(
    run: Path,
    training: CaptionedSet,
    validation: CaptionedSet,
    target: Path,
    *,
    size: int | None = None,
    plan: DecoderPlan,
    least: int = 5,
    progress: Progress = no_progress,
) -> CaptionerFigures:
    """Write the decoder's graphs, its words and `confidence.npz` into `target`.

    `run`: a finished `train diaret` of nano on `training`; `validation` decides how sure it may be. A word is learnt
    that stands in at least `least` captions. `size`: as exported. Raises InputError where `run` holds no nano, or one
    of other scenes.
    """
    nano = load_trained(run)
    size = size or nano.network.config.usual_size
    strange = sorted({*training.scenes, *validation.scenes} - set(nano.scenes))
    if strange:
        raise InputError(f"The captions name scenes that this nano was not trained on: {', '.join(strange)}.")
    if nano.things != tuple(keyword.name for keyword in lexicon()):
        raise InputError(f"{run} was trained with another lexicon. Train it again.")
    progress("look at pictures", 0, 0)
    generator = torch.Generator().manual_seed(plan.seed)
    sights = other_views(nano, training.pixels, size, _VIEWS, generator)
    words = learn_vocabulary(training.texts, least)
    decoder = train_decoder(sights, training.rows, training.texts, words, plan, progress)
    target.mkdir(parents=True, exist_ok=True)
    export_decoder(decoder, target)
    (target / DECODER_WORDS).write_text(json.dumps(words), encoding="utf-8")
    seen = whole_views(nano, validation.pixels, size)
    confidence = _fit(nano, sights, training, seen, validation, size, plan.seed)
    confidence.save(target / CONFIDENCE)
    return _figures(nano, confidence, seen, validation, size, plan.seed)


def _fit(
    nano: TrainedNano,
    sights: Sights,
    training: CaptionedSet,
    seen: Sights,
    validation: CaptionedSet,
    size: int,
    seed: int,
) -> Confidence:
    nothing = draw_non_scenes(_NON_SCENES, size, np.random.default_rng(seed))
    return fit_confidence(
        sights,
        torch.tensor([nano.scenes.index(scene) for scene in training.scenes]),
        len(nano.scenes),
        seen,
        torch.tensor([nano.scenes.index(scene) for scene in validation.scenes]),
        torch.from_numpy((validation.presence(lexicon()) > 0).astype(np.float32)),
        whole_views(nano, nothing, size, 1).pooled[:, 0],
    )


def _figures(
    nano: TrainedNano, confidence: Confidence, seen: Sights, validation: CaptionedSet, size: int, seed: int
) -> CaptionerFigures:
    nothing = draw_non_scenes(_NON_SCENES // 4, size, np.random.default_rng(seed + 1))
    chances = confidence.scene(seen.pooled.mean(1).numpy())
    right = np.array([nano.scenes[best] for best in chances.argmax(1)]) == np.array(validation.scenes)
    presence = confidence.presence(seen.presence.mean(1).numpy())
    named = validation.presence(lexicon()) > 0
    least = CAUTION.evidence
    return CaptionerFigures(
        scene_right=float(right.mean()),
        scene_error=calibration_error(chances.max(1), right),
        presence_error=calibration_error(presence.ravel(), named.ravel()),
        places_missed=float((confidence.evidence(seen.pooled.mean(1).numpy()) < least).mean()),
        nothing_missed=float(
            (confidence.evidence(whole_views(nano, nothing, size).pooled.mean(1).numpy()) >= least).mean()
        ),
    )
