"""What a run's figures hide: its classes one by one, and the queries that it served worst."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.outcomes import Outcomes
from eval.run import Run


@dataclass(frozen=True)
class ClassRow:
    """A class of images."""

    name: str
    images: int
    mR: tuple[float, ...]  # noqa: N815 - as the literature writes it
    """Of each run, percent: the mean of all recalls over the queries of the class."""


@dataclass(frozen=True)
class Miss:
    """A query that did not find its right answer first, and the best wrong one."""

    asked: str
    rank: float
    """Expected, of the first right answer."""
    right: str
    wrong: str
    picture: str
    """Path of the image that was asked for, or with."""
    wrong_picture: str
    """Path of the best wrong image, or of the one that the best wrong text belongs to."""


def by_class(runs: Sequence[Run]) -> list[ClassRow]:
    """Classes of runs of one task, the best served on the mean first; none where the images have no class."""
    groups: dict[str, set[int]] = defaultdict(set)
    for place, image in enumerate(runs[0].images):
        if image.group:
            groups[image.group].add(place)
    rows = [
        ClassRow(name, len(members), tuple(_mean_recall(run, members) for run in runs))
        for name, members in groups.items()
    ]
    return sorted(rows, key=lambda row: (-sum(row.mR), row.name))


def worst(run: Run, way: str, count: int) -> list[Miss]:
    """The queries of a direction whose right answer comes last, at most one of each image; none of those that found it
    first, with no tie."""
    side = run.outcomes[way]
    order = sorted(
        (i for i, wrong in enumerate(side.wrong) if wrong and side.rank[i] > 1), key=lambda i: -side.rank[i]
    )
    chosen: dict[int, int] = {}
    for i in order:
        chosen.setdefault(side.unit[i], i)
        if len(chosen) == count:
            break
    return [_miss(run, side, i) for i in chosen.values()]


def _miss(run: Run, side: Outcomes, i: int) -> Miss:
    unit, wrong = side.unit[i], side.wrong[i][0]
    own = run.images[unit].path
    if side.found == "image":
        found = run.images[wrong].path
        return Miss(run.texts[side.queries[i]], side.rank[i], own, found, own, found)
    right = next(text for text, owner in zip(run.texts, run.owner, strict=True) if owner == unit)
    return Miss(own, side.rank[i], right, run.texts[wrong], own, run.images[run.owner[wrong]].path)


def _mean_recall(run: Run, members: set[int]) -> float:
    means = [
        _mean(value for value, unit in zip(values, side.unit, strict=True) if unit in members)
        for side in run.outcomes.values()
        for values in side.values.values()
    ]
    return 100 * _mean(means)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
