"""What simulated dialogues say: figures by round, what they cost, and differences with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from eval.dialogue.simulation import Course
from eval.metrics.bri import bri
from eval.metrics.cumulative_hits import cumulative_hits
from eval.report import KS
from trsllava.dialogue.material import Material
from trsllava.dialogue.statements import verdicts

DRAWS = 2000
_K = 10

Figure = Literal["R@1", "R@5", "R@10"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoundFigures(_Model):
    """After one round; percent."""

    round: int
    recall: dict[str, float]
    """Of this round alone: R@1, R@5, R@10, text to image."""
    mR: float  # noqa: N815 - as the literature writes it
    """Mean of the recalls of both ways: images rank the dialogues by the chances that these give them."""
    hits: dict[str, float]
    """Of this round and all before: the user has seen them."""
    questions: float
    """Asked of a dialogue so far, on average."""
    seconds: float
    """That the round took for a dialogue, on average."""


class Interval(_Model):
    """A figure with its 95 % interval: bootstrap over targets."""

    mean: float
    low: float
    high: float


class MethodReport(_Model):
    """One method."""

    name: str
    rounds: tuple[RoundFigures, ...]
    bri: float
    found_by: float | None
    """Mean number of rounds to the first time that the target is among the first ten, of those that come there."""
    never_found: float
    """Percent whose target never is."""
    answers: dict[str, int]
    """How often each kind of answer was given."""
    in_vain: int
    """Questions asked twice, told already, or about what no candidate has: there should be none."""


class Difference(_Model):
    """How far one method is ahead of another after a round, points of a figure."""

    figure: Figure
    method: str
    over: str
    round: int
    gain: Interval


class DialogueReport(_Model):
    """Simulated dialogues over one split."""

    split: str
    n_images: int
    n_dialogues: int
    first_queries: str
    answered_by: str
    wrong: float
    """Share of the answers that were wrong on purpose."""
    documents: str
    encoder: str
    image_encoder: str
    shortest: dict[str, float]
    """R@K of the first queries, percent."""
    all_captions: dict[str, float]
    """R@K where all that the user knows is asked at once: the yardstick."""
    methods: tuple[MethodReport, ...]
    share_of_gain: dict[str, Interval]
    """By method: what it gains over a search for the first query in R@10 by the last round, in percent of what all
    captions at once gain."""
    differences: tuple[Difference, ...]


def method_report(name: str, course: Course, material: Material) -> MethodReport:
    """The figures of one method. `material`: of the gallery that its dialogues were about."""
    hits = cumulative_hits(course.better, course.tied, KS)
    total = len(course.dialogues)
    first = first_hit(course)
    found = first[first >= 0]
    kinds = [turn.answer.kind for dialogue in course.dialogues for turn in dialogue.turns]
    asked = np.cumsum([0, *course.asked])
    return MethodReport(
        name=name,
        rounds=tuple(
            RoundFigures(
                round=number,
                recall={f"R@{k}": 100 * float(chances(course, k)[number].mean()) for k in KS},
                mR=course.mean_recall[number],
                hits={f"Hits@{k}": 100 * hits[k][number] for k in KS},
                questions=float(asked[number]) / total,
                seconds=course.seconds[number] / total,
            )
            for number in range(len(course.better))
        ),
        bri=bri(course.better, course.tied),
        found_by=float(found.mean()) if len(found) else None,
        never_found=100 * float((first < 0).mean()),
        answers={kind: kinds.count(kind) for kind in sorted(set(kinds))},
        in_vain=len(asked_in_vain(course, material)),
    )


def chances(course: Course, k: int) -> NDArray[np.float64]:
    """`(rounds + 1, q)` chance of each target to be among the first k after each round, ties broken at random."""
    return np.asarray(np.clip((k - course.better) / (course.tied + 1), 0, 1), np.float64)


def first_hit(course: Course) -> NDArray[np.intp]:
    """`(q,)` the first round with the target among the first ten, ties lost; -1 where none has it."""
    found = course.better + course.tied < _K
    return np.where(found.any(axis=0), found.argmax(axis=0), -1)


def differences(
    courses: Mapping[str, Course], method: str, rounds: int, draws: int = DRAWS, seed: int = 0
) -> tuple[Difference, ...]:
    """A method against every other, after every round, in every recall; paired bootstrap over targets."""
    drawn = _drawn(len(courses[method].dialogues), draws, seed)
    return tuple(
        Difference(
            figure=f"R@{k}",
            method=method,
            over=other,
            round=number,
            gain=_interval(100 * (chances(courses[method], k) - chances(course, k))[number], drawn),
        )
        for other, course in courses.items()
        if other != method
        for number in range(rounds + 1)
        for k in KS
    )


def share_of_gain(
    course: Course, first: NDArray[np.float64], yardstick: NDArray[np.float64], draws: int = DRAWS, seed: int = 0
) -> Interval:
    """How much of the yardstick's gain in R@10 is reached after the last round, percent; bootstrap over targets.

    Args:
        course: how the dialogues went.
        first: `(q,)` the chance of each target to be among the first ten by a search for the first query.
        yardstick: `(q,)` the same by all captions at once.
        draws: samples of targets.
        seed: of the samples.
    """
    gained, possible = chances(course, _K)[-1] - first, yardstick - first
    drawn = _drawn(len(first), draws, seed)
    ratios = _percent_of(drawn @ gained, drawn @ possible)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Interval(mean=float(_percent_of(gained.sum(), possible.sum())), low=float(low), high=float(high))


def _percent_of(gained: NDArray[np.float64], possible: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 where nothing could be gained."""
    return np.asarray(100 * gained / np.where(possible > 0, possible, np.inf), np.float64)


def _drawn(count: int, draws: int, seed: int) -> NDArray[np.int64]:
    """`(draws, count)` how often each target is in each sample."""
    return np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), draws)


def _interval(gains: NDArray[np.float64], drawn: NDArray[np.int64]) -> Interval:
    low, high = np.quantile(drawn @ gains / len(gains), [0.025, 0.975])
    return Interval(mean=float(gains.mean()), low=float(low), high=float(high))


def asked_in_vain(course: Course, material: Material) -> list[str]:
    """Faults that no dialogue may have, in words: a question asked twice, one that the history had answered, or one
    about what no candidate has."""
    faults = []
    for number, dialogue in enumerate(course.dialogues):
        for place, turn in enumerate(dialogue.turns):
            if turn.question is None:
                continue
            name = turn.question.attribute
            earlier = dialogue.model_copy(update={"turns": dialogue.turns[:place], "pending": None})
            if any((one.attribute or one.text) == (name or turn.question.text) for one in earlier.questions()):
                faults.append(f"{dialogue.query!r}: {name or turn.question.text} was asked about twice")
            if not name:
                continue
            likely = np.argsort(-course.logits[place][number], kind="stable")[: dialogue.settings.candidates]
            column = material.table.place[name]
            if name in verdicts(earlier):
                faults.append(f"{dialogue.query!r}: {name} was told already")
            if not material.table.had[likely, column].any():
                faults.append(f"{dialogue.query!r}: no candidate has {name}")
    return faults
