"""Two runs of the same task, compared."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict

from eval.run import Run
from eval.significance import Hits, bootstrap_gains, randomisation_p
from trsllava.errors import InputError

LEVEL = 0.95
MEAN = "mR"
SMALLEST_SHOWN = 0.001


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Difference(_Model):
    """One figure of two runs, percent."""

    figure: str
    first: float
    second: float
    gain: float
    """Second less first."""
    low: float
    high: float
    """95 % interval of the gain: paired bootstrap over images."""
    p: float
    """Paired randomisation test, two-sided."""

    @property
    def significant(self) -> bool:
        """True where both agree: the interval leaves zero out, and p is below 0.05."""
        return not self.low <= 0 <= self.high and self.p < 1 - LEVEL


class Comparison(_Model):
    """What two runs of one task differ in. Figures are one by one; with several looked at, some differ by chance."""

    first: str
    second: str
    mean: Difference
    """Of mR."""
    figures: tuple[Difference, ...]
    """Of each recall."""

    def sentence(self) -> str:
        """The difference in mR in plain words."""
        mean = self.mean
        chance = shown_p(mean.p) if mean.p < SMALLEST_SHOWN else f"= {shown_p(mean.p)}"
        interval = f"95 % interval {mean.low:+.2f} to {mean.high:+.2f}, p {chance}"
        if mean.significant:
            better, worse = (self.second, self.first) if mean.gain > 0 else (self.first, self.second)
            by = f"{abs(mean.gain):.2f} points of mR"
            return f"{better!r} is better than {worse!r} by {by}, which is significant ({interval})."
        return (
            f"The difference in mR of {mean.gain:+.2f} points between {self.first!r} and {self.second!r} is not "
            f"significant: it may be chance ({interval})."
        )


def shown_p(p: float) -> str:
    """A p-value for people."""
    return f"below {SMALLEST_SHOWN}" if p < SMALLEST_SHOWN else f"{p:.3f}"


def compare_runs(first: Run, second: Run) -> Comparison:
    """Compare what two runs made of each query. Raises InputError where their tasks differ."""
    if difference := unlike(first, second):
        raise InputError(
            f"{first.name!r} and {second.name!r} cannot be compared: {difference}. Only runs that ask the same "
            "queries of the same images can."
        )
    before, after = _hits(first), _hits(second)
    gains, chances = bootstrap_gains(before, after, level=LEVEL), randomisation_p(before, after)
    figures = list(zip(_figures(first), _figures(second), gains, chances, strict=True))
    *single, mean = (
        Difference(figure=name, first=one, second=other, gain=gain.mean, low=gain.low, high=gain.high, p=p)
        for (name, one), (_, other), gain, p in figures
    )
    return Comparison(first=first.name, second=second.name, mean=mean, figures=tuple(single))


def unlike(first: Run, second: Run) -> str | None:
    """What differs between the tasks of two runs, as the end of a sentence; None where they are the same task."""
    a, b = first.report.protocol, second.report.protocol
    images, others = ([image.path for image in run.images] for run in (first, second))
    if a.queries != b.queries:
        return f"the first has {a.queries} queries, the second {b.queries} queries"
    if a.split != b.split:
        return f"the first is on split {a.split!r}, the second on {b.split!r}"
    if images != others:
        return f"they are on different images ({_apart(images, others)})"
    if (first.texts, first.owner) != (second.texts, second.owner):
        return f"they ask different queries ({_apart(first.texts, second.texts)})"
    if _figure_names(first) != _figure_names(second):
        return f"the first has {', '.join(_figure_names(first))}, the second {', '.join(_figure_names(second))}"
    return None


def _apart(first: tuple[str, ...] | list[str], second: tuple[str, ...] | list[str]) -> str:
    if len(first) != len(second):
        return f"{len(first):,} and {len(second):,}"
    pairs = ((a, b) for a, b in zip(first, second, strict=True) if a != b)
    one, other = next(pairs, ("the same texts", "of other images"))
    return f"{one!r} and {other!r}"


def _hits(run: Run) -> dict[str, Hits]:
    return {
        way: Hits(np.array([*side.values.values()], np.float64), np.array(side.unit, np.intp))
        for way, side in run.outcomes.items()
    }


def _figure_names(run: Run) -> list[str]:
    return [f"{way.upper()} {measure}" for way, side in run.outcomes.items() for measure in side.values]


def _figures(run: Run) -> list[tuple[str, float]]:
    """Every figure in percent, and last their mean."""
    means = [100 * float(np.mean(values)) for side in run.outcomes.values() for values in side.values.values()]
    return [*zip(_figure_names(run), means, strict=True), (MEAN, float(np.mean(means)))]
