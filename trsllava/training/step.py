"""One batch: pictures to views, captions to rows, and every objective's loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from trsllava.lexicon import lexicon
from trsllava.models.diaret import DiaRet
from trsllava.models.features import Features
from trsllava.models.reasoner import PAD
from trsllava.training.augment import Blend, blend_views, random_views
from trsllava.training.data import CaptionedSet
from trsllava.training.far import pseudo_dialogues
from trsllava.training.frozen import FrozenViews
from trsllava.training.objectives.contrastive import caption_affinity, contrastive_loss
from trsllava.training.objectives.identity import identity_loss
from trsllava.training.objectives.irr import irr_loss, mask_keywords
from trsllava.training.objectives.presence import presence_loss
from trsllava.training.plan import TrainingPlan
from trsllava.training.words import Saying, WordTable, word_table


@dataclass(frozen=True)
class Lesson:
    """A captioned set with all that the objectives ask of it."""

    data: CaptionedSet
    inputs: Tensor
    """`(m, …)`: what the network's text side takes, of each distinct caption."""
    scene_names: tuple[str, ...]
    scene: Tensor
    """`(n,)` int64 scene classes; all 0 where the set has none."""
    presence: Tensor
    """`(n, things)` float32: share of the captions that name each thing of the lexicon."""
    words: WordTable
    word_rows: tuple[tuple[int, ...], ...]
    """Of each picture, its rows of `words`."""
    frozen: FrozenViews | None = None
    """What the layers that do not learn make of the pictures; None where all learn."""

    @property
    def pictures(self) -> int:
        """n."""
        return len(self.data.rows)


def prepare(data: CaptionedSet, inputs: Tensor, plan: TrainingPlan) -> Lesson:
    """Everything about a set that does not change from epoch to epoch."""
    names = tuple(sorted(set(data.scenes)))
    sayings, word_rows = _sayings(data, plan)
    return Lesson(
        data=data,
        inputs=inputs,
        scene_names=names,
        scene=torch.tensor([names.index(scene) for scene in data.scenes]),
        presence=torch.from_numpy(data.presence(lexicon())),
        words=word_table(sayings, plan.keyword_levels),
        word_rows=word_rows,
    )


def _sayings(data: CaptionedSet, plan: TrainingPlan) -> tuple[list[Saying], tuple[tuple[int, ...], ...]]:
    """Captions, each with what stands behind it, and each picture's places among them.

    Where a picture has no dialogue, its captions play one.
    """
    if plan.keywords == "direct":
        return [Saying(text) for text in data.texts], data.rows
    own = data.dialogues if plan.keywords == "dialogues" else ((),) * len(data.rows)
    dialogues = [
        told or pseudo_dialogues([data.texts[row] for row in rows]) for told, rows in zip(own, data.rows, strict=True)
    ]
    number: dict[Saying, int] = {}
    places = tuple(tuple(number.setdefault(saying, len(number)) for saying in sayings) for sayings in dialogues)
    return list(number), places


def batch_losses(
    model: DiaRet, lesson: Lesson, chosen: Sequence[int], plan: TrainingPlan, generator: torch.Generator
) -> dict[str, Tensor]:
    """Losses of the objectives that count, by their names in `Weights`, for the pictures `chosen`."""
    weights, device = plan.weights, next(model.parameters()).device
    if lesson.frozen is None:
        pictures = torch.from_numpy(lesson.data.pixels[list(chosen)]).to(device)
        views = random_views(pictures, plan.augmentation, generator)
    else:
        views = lesson.frozen.draw(list(chosen), generator).to(device)
    views, blend = blend_views(views, plan.augmentation, generator)
    views = views.contiguous(memory_format=torch.channels_last)
    with torch.autocast(device.type, torch.bfloat16, enabled=plan.precision == "bf16"):
        features = model.network(views) if lesson.frozen is None else lesson.frozen.finish(model.network, views)
        losses = {"itc": _contrast(model, lesson, features, chosen, blend, plan, generator)}
        if weights.id:
            losses["id"] = _identify(model, lesson, features, chosen, blend, plan)
        if weights.irr:
            losses["irr"] = _reason(model, lesson, features, chosen, plan, generator)
        if weights.scene:
            target = functional.one_hot(lesson.scene[list(chosen)], len(lesson.scene_names)).float().to(device)
            losses["scene"] = identity_loss(model.heads.scene_logits(features), _mixed(target, blend), plan.smoothing)
        if weights.presence:
            named = _mixed(lesson.presence[list(chosen)].to(device), blend)
            losses["presence"] = presence_loss(model.heads.thing_map(features), named)
    return losses


def _contrast(
    model: DiaRet,
    lesson: Lesson,
    features: Features,
    chosen: Sequence[int],
    blend: Blend | None,
    plan: TrainingPlan,
    generator: torch.Generator,
) -> Tensor:
    device = features.embedding.device
    own = [_drawn(lesson.data.rows[picture], plan.captions, generator) for picture in chosen]
    of_batch = dict.fromkeys(row for rows in own for row in rows)
    extra = torch.randint(0, len(lesson.data.texts), (plan.negatives,), generator=generator).tolist()
    rows = list(of_batch | dict.fromkeys(extra))
    vectors = torch.from_numpy(lesson.data.vectors)
    affinity = caption_affinity(vectors[torch.tensor(own)], vectors[rows], plan.affinity_temperature).to(device)
    texts = model.network.encode_texts(lesson.inputs[rows].to(device))
    with torch.autocast(device.type, enabled=False):
        return contrastive_loss(
            features.embedding, texts, _mixed(affinity, blend), len(of_batch), model.network.log_scale
        )


def _drawn(rows: Sequence[int], count: int, generator: torch.Generator) -> list[int]:
    """`count` captions: all of them once before any comes again."""
    order = torch.randperm(len(rows), generator=generator).tolist()
    return [rows[order[place % len(order)]] for place in range(count)]


def _identify(
    model: DiaRet,
    lesson: Lesson,
    features: Features,
    chosen: Sequence[int],
    blend: Blend | None,
    plan: TrainingPlan,
) -> Tensor:
    assert model.identities is not None
    classes = torch.tensor(chosen) if plan.identity == "image" else lesson.scene[list(chosen)]
    logits = model.identities(features.embedding).float()
    if blend is None:
        return identity_loss(logits, classes.to(logits.device))
    partner = classes[blend.partner].to(logits.device)
    return blend.share * identity_loss(logits, classes.to(logits.device)) + (1 - blend.share) * identity_loss(
        logits, partner
    )


def _reason(
    model: DiaRet,
    lesson: Lesson,
    features: Features,
    chosen: Sequence[int],
    plan: TrainingPlan,
    generator: torch.Generator,
) -> Tensor:
    assert model.reasoner is not None
    device = features.local.device
    rows = [_drawn(lesson.word_rows[picture], 1, generator)[0] for picture in chosen]
    words = lesson.words.words[rows]
    hidden, masked = mask_keywords(words, lesson.words.keywords[rows], plan.hidden_share, generator)
    longest = max(1, int((words != PAD).sum(1).max()))  # of this batch: the rest is padding
    words, hidden, masked = (table[:, :longest].to(device) for table in (words, hidden, masked))
    return irr_loss(model.reasoner(hidden, features.local), words, masked)


def _mixed(targets: Tensor, blend: Blend | None) -> Tensor:
    return targets if blend is None else blend.of(targets)
