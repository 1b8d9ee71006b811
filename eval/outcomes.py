"""What became of each query: the part of a run that significance, breakdowns and the worst cases are made from."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, model_validator

from eval.metrics.i2t import chances_i2t, ranks_i2t
from eval.metrics.recall import ScoreMatrix
from eval.metrics.t2i import chances_t2i, ranks_t2i
from eval.report import KS
from eval.task import RetrievalTask

CURVE_KS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100)
WRONG = 3
"""Wrong answers that are kept of each query."""
_DIGITS = 6


class Outcomes(BaseModel):
    """The queries of one direction, column by column; a figure is the mean of its column. Images and texts are named
    by their places in the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asked_with: Literal["text", "image"]
    found: Literal["text", "image"]
    """What the query ranks."""
    queries: tuple[int, ...]
    """Each query's place among the run's texts or images."""
    unit: tuple[int, ...]
    """The image that each query belongs to: what is drawn and swapped as one, because its queries are no independent
    ones."""
    values: dict[str, tuple[float, ...]]
    """Of each measure (`R@1`, …) every query's own value, 0 to 1: with ties, the chance of a hit."""
    rank: tuple[float, ...]
    """Expected rank of the first right answer, from 1."""
    wrong: tuple[tuple[int, ...], ...]
    """The best wrong answers, best first, by their places among what is ranked."""
    curve: dict[int, float] = {}
    """Recall at more K, 0 to 1."""

    @model_validator(mode="after")
    def _columns_are_equally_long(self) -> Outcomes:
        lengths = {len(column) for column in (self.queries, self.unit, self.rank, self.wrong, *self.values.values())}
        if len(lengths) > 1:
            raise ValueError(f"columns of {' and '.join(map(str, sorted(lengths)))} queries")
        return self


def retrieval_outcomes(task: RetrievalTask, by_text: ScoreMatrix, by_image: ScoreMatrix) -> dict[str, Outcomes]:
    """`{"t2i": …, "i2t": …}` of the scores that `eval.report.measure` takes, `(q, n)` each."""
    images = np.arange(len(task.images))
    own = task.owner[:, None] == images
    asking = np.flatnonzero(own.any(axis=0))
    ks = [k for k in CURVE_KS if k <= len(images)]
    return {
        "t2i": Outcomes(
            asked_with="text",
            found="image",
            queries=tuple(range(len(task.queries))),
            unit=tuple(task.owner.tolist()),
            values=_values(chances_t2i(by_text, task.owner, KS)),
            rank=_column(ranks_t2i(by_text, task.owner)),
            wrong=_wrong(by_text, own),
            curve=_curve(ks, chances_t2i(by_text, task.owner, ks)),
        ),
        "i2t": Outcomes(
            asked_with="image",
            found="text",
            queries=tuple(asking.tolist()),
            unit=tuple(asking.tolist()),
            values=_values(chances_i2t(by_image, task.owner, KS)),
            rank=_column(ranks_i2t(by_image, task.owner)),
            wrong=_wrong(by_image.T[asking], own.T[asking]),
            curve=_curve(ks, chances_i2t(by_image, task.owner, ks)),
        ),
    }


def _values(chances: NDArray[np.float64]) -> dict[str, tuple[float, ...]]:
    return {f"R@{k}": _column(row) for k, row in zip(KS, chances, strict=True)}


def _curve(ks: list[int], chances: NDArray[np.float64]) -> dict[int, float]:
    return {k: round(float(row.mean()), _DIGITS) for k, row in zip(ks, chances, strict=True)}


def _column(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(np.round(values, _DIGITS).tolist())


def _wrong(scores: ScoreMatrix, own: NDArray[np.bool_]) -> tuple[tuple[int, ...], ...]:
    """Of each row the best columns that are not its own; of equal ones the first."""
    masked = np.where(own, -np.inf, scores)
    best = np.argsort(-masked, axis=1, kind="stable")[:, :WRONG]
    right = np.isfinite(np.take_along_axis(masked, best, axis=1))
    return tuple(tuple(row[kept].tolist()) for row, kept in zip(best, right, strict=True))
