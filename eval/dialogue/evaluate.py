"""Dialogues over the images of one split, simulated and measured."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.dialogue.gallery import ArrayGallery
from eval.dialogue.methods import FULL
from eval.dialogue.report import DialogueReport, differences, method_report, share_of_gain
from eval.dialogue.simulation import Course, Method, simulate
from eval.dialogue.users import WrongNowAndThen
from eval.metrics.t2i import chances_t2i
from eval.report import KS
from eval.task import models_of
from indexer.progress import Progress, no_progress
from trsllava.dialogue.answers.protocol import Answerer
from trsllava.dialogue.answers.texts import TextsAnswerer
from trsllava.dialogue.material import Material
from trsllava.encoders.protocol import FloatArray
from trsllava.errors import InputError
from trsllava.records import RichText


@dataclass(frozen=True)
class Users:
    """Who looks for what: a user an image."""

    known: tuple[tuple[str, ...], ...]
    """What each user knows of the image: texts that are not in the index."""
    answerer: Callable[[int], Answerer]
    """By the user's number."""
    described: str
    """For the report."""
    wrong: float = 0.0
    """Share of answers that are wrong."""

    @property
    def queries(self) -> tuple[str, ...]:
        """The first thing that each of them says: the shortest of their texts."""
        return tuple(min(texts, key=lambda text: (len(text.split()), len(text), text)) for texts in self.known)

    def of(self, number: int) -> Answerer:
        """The user of a dialogue, who errs now and then."""
        user = self.answerer(number)
        if not self.wrong:
            return user
        other = random.Random(number).choice([*range(number), *range(number + 1, len(self.known))] or [number])
        return WrongNowAndThen(user, self.wrong, f"{number}", self.known[other])


def text_users(known: Sequence[Sequence[str]], wrong: float = 0.0) -> Users:
    """Users who know what the texts say."""
    texts = tuple(tuple(text for text in own if text.strip()) for own in known)
    if not all(texts):
        raise InputError("A user who looks for an image must know a text of it; some image has none.")
    return Users(texts, lambda number: TextsAnswerer(texts[number]), "human captions that are not in the index", wrong)


@dataclass(frozen=True)
class Measured:
    """A report, and the courses that it was made of."""

    report: DialogueReport
    courses: Mapping[str, Course]
    together: FloatArray
    """`(q, n)` scores of all that each user knows, at once."""


def evaluate_dialogues(
    users: Users,
    documents: Sequence[RichText],
    material: Material,
    gallery: ArrayGallery,
    methods: Sequence[Method],
    rounds: int,
    *,
    split: str,
    encoders: tuple[str, str],
    progress: Progress = no_progress,
) -> Measured:
    """Let the users of n images talk to each method. `encoders`: names of those of texts and of pictures."""
    targets = np.arange(len(users.known))
    courses = {
        method.name: simulate(method, users.queries, targets, users.of, material, gallery, rounds, progress)
        for method in methods
    }
    together = gallery.together(users.known)
    first = np.stack([gallery.scores(query) for query in users.queries])
    searched, yardstick = chances_t2i(first, targets, KS), chances_t2i(together, targets, KS)
    ten = KS.index(10)
    report = DialogueReport(
        split=split,
        n_images=len(gallery.ids),
        n_dialogues=len(targets),
        first_queries="the shortest text that the user knows",
        answered_by=users.described,
        wrong=users.wrong,
        documents=models_of(documents),
        encoder=encoders[0],
        image_encoder=encoders[1],
        shortest=_percent(searched.mean(axis=1)),
        all_captions=_percent(yardstick.mean(axis=1)),
        methods=tuple(method_report(name, course, material) for name, course in courses.items()),
        share_of_gain={name: share_of_gain(course, searched[ten], yardstick[ten]) for name, course in courses.items()},
        differences=differences(courses, FULL, rounds) if FULL in courses else (),
    )
    return Measured(report, courses, together)


def _percent(shares: Sequence[float]) -> dict[str, float]:
    return {f"R@{k}": 100 * float(share) for k, share in zip(KS, shares, strict=True)}
