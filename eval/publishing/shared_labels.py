"""What a report says of measurements by shared labels: those of one task side by side, as in LuojiaHOG's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.kept import KeptReport
from eval.labels import LabelReport
from eval.run import derived_name

NOT_PERCENT = (
    "An item is right if it shares a label with the query. MAP and NDCG are shares, WMAP and ACG numbers of labels, "
    "none in percent. Ties count in expectation."
)


@dataclass(frozen=True)
class LabelRow:
    """One figure of one system, by n."""

    system: str
    figure: str
    values: tuple[float | None, ...]
    """At each n of the section; None where it was not measured."""


@dataclass(frozen=True)
class LabelSection:
    """Kept reports of one task: the same texts ask the same images, which have labels of the same level."""

    measurements: tuple[tuple[KeptReport, LabelReport], ...]
    """What was kept, and the report in it."""

    @property
    def reports(self) -> tuple[LabelReport, ...]:
        """The reports alone."""
        return tuple(report for _, report in self.measurements)

    @property
    def ns(self) -> tuple[int, ...]:
        """The n that any of them was measured at."""
        return tuple(sorted({n for report in self.reports for by_n in report.t2i.values() for n in by_n}))

    @property
    def title(self) -> str:
        """What was measured."""
        report = self.reports[0]
        level = f" of the {report.level} level" if report.level else ""
        protocol = report.retrieval.protocol
        return f"Shared labels{level}, {protocol.queries} queries on split {protocol.split!r}"

    @property
    def measured(self) -> str:
        """How many images, labels and queries."""
        report = self.reports[0]
        protocol = report.retrieval.protocol
        return (
            f"{protocol.n_images:,} images with {report.labels_per_image:.2f} of {report.n_labels} labels each, "
            f"{report.n_unlabelled} without; {protocol.n_queries:,} queries by {protocol.query_source}"
        )

    def rows(self, way: str) -> list[LabelRow]:
        """Figures one below the other, each of all systems. `way`: t2i or i2t."""
        figures = list(self.reports[0].t2i)
        return [
            LabelRow(name_of(report), figure, tuple(getattr(report, way)[figure].get(n) for n in self.ns))
            for figure in figures
            for report in self.reports
        ]


def label_sections(kept: Sequence[KeptReport]) -> list[LabelSection]:
    """Kept reports of shared labels by task, in the order given."""
    tasks: dict[tuple[object, ...], list[tuple[KeptReport, LabelReport]]] = {}
    for one in kept:
        if isinstance(one.report, LabelReport):
            tasks.setdefault(_task(one, one.report), []).append((one, one.report))
    return [LabelSection(tuple(members)) for members in tasks.values()]


def name_of(report: LabelReport) -> str:
    """What tells systems apart."""
    return derived_name(report.retrieval).removeprefix("none: ")  # of documents, where pictures alone are searched


def _task(kept: KeptReport, report: LabelReport) -> tuple[object, ...]:
    protocol = report.retrieval.protocol
    read = tuple(file.sha256 for file in kept.data if file.role in ("labels", "captions"))
    return (report.level, protocol.split, protocol.queries, protocol.n_images, protocol.n_queries, read)
