"""Teach the caption decoder to say what people said of the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from indexer.progress import Progress, no_progress
from trsllava.models.captioning import CaptionDecoder, DecoderConfig
from trsllava.models.word_numbers import END, UNKNOWN
from trsllava.training.schedule import rate_at
from trsllava.training.sights import Sights
from trsllava.training.vocabulary import number_words

_LARGEST_GRADIENT = 5.0


@dataclass(frozen=True)
class DecoderPlan:
    """Chosen on RSICD's validation split."""

    epochs: int = 10
    batch: int = 256
    rate: float = 2e-3
    weight_decay: float = 0.02
    smoothing: float = 0.1
    seed: int = 0


def train_decoder(
    sights: Sights,
    rows: Sequence[Sequence[int]],
    texts: Sequence[str],
    vocabulary: Sequence[str],
    plan: DecoderPlan,
    each_step: Progress = no_progress,
) -> CaptionDecoder:
    """Learn from pictures' sights and captions (`rows`: of each picture, its places in `texts`).

    An epoch shows every caption of every picture once, each time under a mean of some of the picture's views. Captions
    with words outside the vocabulary are left out where a picture has others.
    """
    words = number_words(texts, vocabulary)
    pairs = caption_pairs(rows, (words == UNKNOWN).any(1))
    torch.manual_seed(plan.seed)
    generator = torch.Generator().manual_seed(plan.seed)
    config = DecoderConfig(sights.pooled.shape[2], sights.presence.shape[2], len(vocabulary) + 2)
    decoder = CaptionDecoder(config).train()
    optimizer = torch.optim.AdamW(decoder.parameters(), lr=plan.rate, weight_decay=plan.weight_decay)
    batch = min(plan.batch, len(pairs))
    steps = plan.epochs * (len(pairs) // batch)
    order = torch.empty(0, dtype=torch.long)
    for step in range(steps):
        if len(order) < batch:
            order = torch.randperm(len(pairs), generator=generator)
        chosen, order = pairs[order[:batch]], order[batch:]
        pooled, presence = _some_views(sights, chosen[:, 0], generator)
        optimizer.param_groups[0]["lr"] = rate_at(step, steps, plan.rate, 0.05)
        loss = caption_loss(decoder, pooled, presence, words[chosen[:, 1]], plan.smoothing)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(decoder.parameters(), _LARGEST_GRADIENT)
        optimizer.step()
        each_step("captioner", step + 1, steps)
    return decoder.eval()


def caption_loss(
    decoder: CaptionDecoder, pooled: Tensor, presence: Tensor, words: Tensor, smoothing: float = 0.0
) -> Tensor:
    """Mean cross-entropy of each word, and of the end, after the words before it; `words` `(b, l)` closed by `END`."""
    words = words[:, : int((words != END).sum(1).max()) + 1]
    before = torch.cat([torch.full_like(words[:, :1], END), words[:, :-1]], dim=1)
    counts = (before != END) | (torch.arange(words.shape[1], device=words.device) == 0)
    counts &= words != UNKNOWN
    scores = decoder(pooled, presence, before)
    loss: Tensor = functional.cross_entropy(scores[counts], words[counts], label_smoothing=smoothing)
    return loss


def caption_pairs(rows: Sequence[Sequence[int]], odd: Tensor) -> Tensor:
    """`(m, 2)` picture and caption; captions that are `odd` `(t,)` are left out where a picture has others."""
    pairs: list[tuple[int, int]] = []
    for picture, captions in enumerate(rows):
        plain = [row for row in captions if not odd[row]]
        pairs += [(picture, row) for row in plain or captions]
    return torch.tensor(pairs)


def _some_views(sights: Sights, pictures: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Read-outs averaged over a random choice of views, one at least."""
    shape = len(pictures), sights.pooled.shape[1]
    drawn = torch.rand(shape, generator=generator)
    kept = (drawn < 0.5) | (drawn == drawn.max(1, keepdim=True).values)
    share = (kept / kept.sum(1, keepdim=True))[:, :, None]
    return (sights.pooled[pictures] * share).sum(1), (sights.presence[pictures] * share).sum(1)
