"""What a report says: runs of one task side by side, each task for itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from eval.comparison import Comparison, compare_runs, unlike
from eval.published import Asked, PublishedFigure, PublishedRecalls, PublishedSet, published_figures, published_set
from eval.run import Run
from eval.significance import holm

_KINDS: tuple[Asked, ...] = ("human", "rich text", "dialogue")


@dataclass(frozen=True)
class Row:
    """One system in a table; percent."""

    system: str
    published: bool
    t2i: tuple[float, ...]
    """R@1, R@5, R@10; empty: not known."""
    i2t: tuple[float, ...]
    mR: float  # noqa: N815 - as the literature writes it
    bounds: tuple[float, float] | None
    """mR with all ties lost and all ties won."""
    trained: bool | None
    """On the set's training split; None: not said in one word."""
    oracle: bool
    transductive: bool
    learnt_from: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Verdict:
    """A comparison, and its p-value where all comparisons of the section count together (Holm)."""

    comparison: Comparison
    adjusted: float


@dataclass(frozen=True)
class Section:
    """Runs of one task, and what was published of the same set with the same kind of queries."""

    runs: tuple[Run, ...]
    of: PublishedSet | None
    """The published set that the runs are on, told by its split and numbers; None: none."""

    @property
    def queries(self) -> Asked:
        """Who asks."""
        return self.runs[0].report.protocol.queries

    @property
    def title(self) -> str:
        """What was measured."""
        protocol = self.runs[0].report.protocol
        where = f"{self.of.name} {protocol.split}" if self.of else f"split {protocol.split!r}"
        return f"{self.queries.capitalize()} queries on {where}"

    @property
    def measured(self) -> str:
        """How many images and queries."""
        protocol = self.runs[0].report.protocol
        return (
            f"{protocol.n_images:,} images, {protocol.n_queries:,} queries ({protocol.n_distinct_queries:,} distinct) "
            f"by {protocol.query_source}"
        )

    def rows(self) -> list[Row]:
        """Runs and published figures, the lowest mR first."""
        published = published_figures(self.of, self.queries) if self.of else []
        return sorted([*map(_run_row, self.runs), *(_published_row(*found) for found in published)], key=_by_mean)

    def others(self) -> dict[Asked, list[Row]]:
        """What was published of the set with other kinds of queries: for tables of their own."""
        if self.of is None:
            return {}
        kinds = {kind: published_figures(self.of, kind) for kind in _KINDS if kind != self.queries}
        return {kind: [_published_row(*found) for found in rows] for kind, rows in kinds.items() if rows}

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """Every two runs compared: thousands of draws each, made once for the page and the tables."""
        compared = [compare_runs(first, second) for first, second in combinations(self.runs, 2)]
        adjusted = holm([comparison.mean.p for comparison in compared])
        return [Verdict(comparison, p) for comparison, p in zip(compared, adjusted, strict=True)]


def sections(runs: Sequence[Run]) -> list[Section]:
    """Runs by task, in the order given: kinds of queries, splits and sets are never in one table."""
    tasks: list[list[Run]] = []
    for run in runs:
        home = next((task for task in tasks if unlike(task[0], run) is None), None)
        if home is None:
            tasks.append([run])
        else:
            home.append(run)
    return [Section(tuple(task), _set_of(task[0])) for task in tasks]


def _set_of(run: Run) -> PublishedSet | None:
    protocol = run.report.protocol
    return published_set(protocol.split, protocol.n_images, protocol.n_queries, protocol.queries)


def _by_mean(row: Row) -> float:
    return row.mR


def _run_row(run: Run) -> Row:
    report, protocol = run.report, run.report.protocol
    return Row(
        system=run.name,
        published=False,
        t2i=tuple(report.t2i.values()),
        i2t=tuple(report.i2t.values()),
        mR=report.mR,
        bounds=(report.bounds.pessimistic.mR, report.bounds.optimistic.mR),
        trained=None,
        oracle=protocol.oracle,
        transductive=protocol.transductive,
        learnt_from=tuple(_learnt_from(run)),
        source="measured",
    )


def _learnt_from(run: Run) -> Iterator[str]:
    report, protocol = run.report, run.report.protocol
    yield f"captioner ({protocol.documents}): {protocol.captioner_trained_on}"
    if report.encoder:
        yield f"encoder ({report.encoder.rpartition('/')[2]}): {protocol.encoder_trained_on}"
    if report.image_encoder:
        yield f"image encoder ({report.image_encoder.rpartition('/')[2]}): {protocol.image_encoder_trained_on}"


def _published_row(figure: PublishedFigure, found: PublishedRecalls) -> Row:
    return Row(
        system=figure.system,
        published=True,
        t2i=found.t2i,
        i2t=found.i2t,
        mR=found.mR,
        bounds=None,
        trained=figure.trained,
        oracle=figure.oracle,
        transductive=figure.transductive,
        learnt_from=(figure.learnt_from,),
        source=figure.source,
    )
