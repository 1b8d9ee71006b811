"""The report as Markdown: tables alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eval.comparison import shown_p
from eval.kept import KeptReport
from eval.publishing.details import by_class, worst
from eval.publishing.sections import Row, Section
from eval.publishing.shared_labels import NOT_PERCENT, LabelSection, name_of
from eval.run import Run

WORST = 10
WAYS = {"t2i": "text to image", "i2t": "image to text"}
_HEAD = (
    "system",
    "T2I R@1 / 5 / 10",
    "I2T R@1 / 5 / 10",
    "mR",
    "mR, ties lost – won",
    "oracle",
    "transductive",
    "trained on the set",
    "source",
)


def markdown_report(sections: Sequence[Section], labels: Sequence[LabelSection] = ()) -> str:
    """Sections of tables: figures, significance, classes, the worst queries, how each run was made; then those of
    shared labels."""
    parts = ["# Retrieval, measured", *([PROTOCOL] if sections else [])]
    for section in sections:
        parts += [f"## {section.title}", section.measured + ".", _table(_HEAD, map(_cells, section.rows()))]
        parts += _significance(section)
        parts += _classes(section)
        for run in section.runs:
            parts += _worst(run)
        for kind, rows in section.others().items():
            parts += [f"### Published of the same set with {kind} queries", NOT_ONE_COLUMN]
            parts.append(_table(_HEAD, map(_cells, rows)))
        parts.append("### How it was measured")
        parts += [_made(run) for run in section.runs]
    for labelled in labels:
        parts += _shared_labels(labelled)
    return "\n\n".join(parts) + "\n"


PROTOCOL = (
    "Percent. mR is the mean of R@1, R@5 and R@10 both ways. Ties count by chance; the bounds say what luck could "
    "make of them. Oracle: someone who sees the image that is searched for answers during the search. Transductive: a "
    "query's scores depend on the other queries."
)
NOT_ONE_COLUMN = "They ask something else, so they stand apart: figures of different queries cannot be compared."


def shown_recalls(recalls: Sequence[float]) -> str:
    """R@1 / 5 / 10, or a dash where they are not known."""
    return " / ".join(f"{value:.2f}" for value in recalls) or "–"


def shown_bool(said: bool) -> str:
    """Yes or no."""
    return "yes" if said else "no"


def _cells(row: Row) -> list[str]:
    name = row.system if row.published else f"**{row.system}**"
    bounds = f"{row.bounds[0]:.2f} – {row.bounds[1]:.2f}" if row.bounds else "–"
    learnt = "; ".join(row.learnt_from)
    return [
        name,
        shown_recalls(row.t2i),
        shown_recalls(row.i2t),
        f"{row.mR:.2f}",
        bounds,
        shown_bool(row.oracle),
        shown_bool(row.transductive),
        learnt if row.trained is None else f"{shown_bool(row.trained)}: {learnt}",
        row.source,
    ]


def _significance(section: Section) -> list[str]:
    verdicts = section.verdicts
    if not verdicts:
        return []
    rows = [
        [
            f"{verdict.comparison.second} − {verdict.comparison.first}",
            f"{(mean := verdict.comparison.mean).gain:+.2f}",
            f"{mean.low:+.2f} to {mean.high:+.2f}",
            shown_p(mean.p),
            shown_p(verdict.adjusted),
            shown_bool(mean.significant),
        ]
        for verdict in verdicts
    ]
    head = ("difference in mR", "gain", "95 % interval", "p", f"p, {len(rows)} tests (Holm)", "significant")
    return ["### Are the differences more than chance?", SIGNIFICANCE, _table(head, rows)]


SIGNIFICANCE = (
    "Paired bootstrap over images with all their texts (2,000 draws) and a paired randomisation test (10,000). "
    "Significant: the interval leaves zero out and p is below 0.05, each comparison by itself."
)


def _classes(section: Section) -> list[str]:
    classes = by_class(section.runs)
    if not classes:
        return []
    head = ("class", "images", *(run.name for run in section.runs))
    rows = [[row.name, str(row.images), *(f"{value:.2f}" for value in row.mR)] for row in classes]
    return ["### mR by class", _table(head, rows)]


def _worst(run: Run) -> list[str]:
    parts = []
    for way, name in WAYS.items():
        rows = [[miss.asked, f"{miss.rank:g}", miss.right, miss.wrong] for miss in worst(run, way, WORST)]
        if rows:
            parts.append(f"### The worst queries of {run.name}, {name}")
            parts.append(_table(("query", "expected rank", "right", "best wrong answer"), rows))
    return parts


def _shared_labels(section: LabelSection) -> list[str]:
    parts = [f"## {section.title}", f"{section.measured}. {NOT_PERCENT}"]
    for way, name in WAYS.items():
        rows = [[row.figure, row.system, *map(shown_figure, row.values)] for row in section.rows(way)]
        parts += [f"### {name.capitalize()}", _table(("figure", "system", *(f"@{n}" for n in section.ns)), rows)]
    commands = [f"- {name_of(report)}: `{shown_command(kept)}`" for kept, report in section.measurements]
    return [*parts, "### How it was measured", "\n".join(commands)]


def shown_figure(value: float | None) -> str:
    """Of shared labels; a dash where it was not measured."""
    return "–" if value is None else f"{value:.4f}"


def _made(run: Run) -> str:
    lines = [f"**{run.name}**, {run.made:%Y-%m-%d %H:%M} UTC", "", f"- `{shown_command(run)}`"]
    lines += [f"- {sentence}" for sentence in made_of(run)]
    return "\n".join(lines)


def shown_command(run: Run | KeptReport) -> str:
    """The command line that repeats it."""
    import shlex

    return shlex.join(run.command)


def made_of(run: Run) -> list[str]:
    """Plain sentences: scores, versions, data, leakage."""
    protocol = run.report.protocol
    same = protocol.queries_in_documents
    said = [
        f"Queries that are a text of their own image's document: {'not counted' if same is None else f'{same:.1%}'}.",
        f"Statistics: {protocol.statistics}.",
        f"Against hubs: {run.report.rescoring or 'nothing'}. Bank: {protocol.bank}.",
        f"Scoring: {protocol.scoring}. Ties: {protocol.ties}.",
        f"Commit: {run.commit or 'not from a checkout'}. "
        + ", ".join(f"{name} {version}" for name, version in run.versions.items())
        + ".",
        "Seeds: " + (", ".join(f"{name} {seed}" for name, seed in run.seeds.items()) or "nothing was drawn") + ".",
    ]
    said += [f"Read {file.role}: {file.path} (sha256 {file.sha256})." for file in run.data]
    if run.leakage is None:
        return [*said, "Leakage from training: not looked for (no training captions were given)."]
    return [*said, f"Leakage from {run.leakage.captions}, split {run.leakage.split!r}:", *run.leakage.told()]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(text) for text in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
