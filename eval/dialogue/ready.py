"""Ready-made dialogues over a corpus: where each round's caption ranks the image that is looked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from eval.datasets.captions import image_key
from eval.datasets.dialogues import ReadyDialogue, Turns
from eval.metrics.bri import bri
from eval.metrics.cumulative_hits import cumulative_hits
from eval.metrics.recall import Owner
from eval.metrics.t2i import ahead_t2i
from eval.report import KS
from eval.retrieval import Scoring, fused
from eval.scores import Gallery, branch_scores
from eval.task import models_of
from indexer.progress import Progress, no_progress
from trsllava.encoders.protocol import TextEncoder
from trsllava.errors import InputError


class ReadyRound(BaseModel):
    """After one round; percent."""

    model_config = ConfigDict(frozen=True)

    round: int
    recall: dict[str, float]
    """Of this round alone: R@1, R@5, R@10."""
    hits: dict[str, float]
    """Of this round and all before."""


class ReadyReport(BaseModel):
    """Ready-made dialogues over one corpus."""

    model_config = ConfigDict(frozen=True)

    n_images: int
    n_dialogues: int
    turns: Turns
    documents: str
    branches: tuple[str, ...]
    rounds: tuple[ReadyRound, ...]
    bri: float | None
    """None where there is no round after the first caption."""


def targets_of(dialogues: Sequence[ReadyDialogue], images: Sequence[str], source: Path) -> Owner:
    """`(q,)` position of each dialogue's image in the corpus. Raises InputError where one is not in it."""
    places = {image_key(image): number for number, image in enumerate(images)}
    missing = [dialogue.image for dialogue in dialogues if image_key(dialogue.image) not in places]
    if missing:
        raise InputError(
            f"{len(missing)} of {len(dialogues)} dialogues are about images that {source} does not have; the first is "
            f"{missing[0]!r}. Paths must match in full."
        )
    return np.array([places[image_key(dialogue.image)] for dialogue in dialogues], np.intp)


def measure_ready(
    dialogues: Sequence[ReadyDialogue],
    turns: Turns,
    targets: Owner,
    gallery: Gallery,
    scoring: Scoring,
    encoder: TextEncoder | None,
    progress: Progress = no_progress,
) -> ReadyReport:
    """Recall, cumulative hits and BRI by round.

    Args:
        dialogues: q, each of as many rounds.
        turns: what their entries are.
        targets: `(q,)` the image of each.
        gallery: the corpus.
        scoring: how a caption scores the corpus.
        encoder: of the branches of texts; None where there are none.
        progress: is told what is done.
    """
    better, tied = [], []
    for captions in zip(*(dialogue.captions(turns) for dialogue in dialogues), strict=True):
        scores = fused(branch_scores(captions, gallery, scoring.branches, encoder, progress), scoring)
        ahead = ahead_t2i(scores, targets)
        better.append(ahead[0])
        tied.append(ahead[1])
    before, beside = np.stack(better), np.stack(tied)
    hits = cumulative_hits(before, beside, KS)
    return ReadyReport(
        n_images=len(gallery),
        n_dialogues=len(dialogues),
        turns=turns,
        documents=models_of(gallery.documents),
        branches=scoring.branches,
        rounds=tuple(
            ReadyRound(
                round=number,
                recall=_percent({k: float(_chances(before[number], beside[number], k)) for k in KS}, "R"),
                hits=_percent({k: hits[k][number] for k in KS}, "Hits"),
            )
            for number in range(len(before))
        ),
        bri=bri(before, beside) if len(before) > 1 else None,
    )


def _chances(better: Owner, tied: Owner, k: int) -> float:
    return float(np.clip((k - better) / (tied + 1), 0, 1).mean())


def _percent(shares: Mapping[int, float], name: str) -> dict[str, float]:
    return {f"{name}@{k}": 100 * share for k, share in shares.items()}
