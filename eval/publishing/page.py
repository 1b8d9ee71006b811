"""The report as one HTML file that needs nothing else: pictures and styles are inside, there are no scripts."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from eval.chart import style
from eval.comparison import shown_p
from eval.publishing.curves import curves
from eval.publishing.details import ClassRow, Miss, by_class, worst
from eval.publishing.markdown import (
    NOT_ONE_COLUMN,
    PROTOCOL,
    SIGNIFICANCE,
    WAYS,
    made_of,
    shown_bool,
    shown_command,
    shown_figure,
    shown_recalls,
)
from eval.publishing.sections import Row, Section
from eval.publishing.shared_labels import NOT_PERCENT, LabelSection, name_of
from eval.run import Run

WORST = {"t2i": 12, "i2t": 6}
"""Cards of each run."""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def pictures_of(sections: Sequence[Section]) -> list[str]:
    """Paths of the images that the page shows where it is given them."""
    runs = [run for section in sections for run in section.runs]
    misses = [miss for run in runs for way, count in WORST.items() for miss in worst(run, way, count)]
    return sorted({path for miss in misses for path in (miss.picture, miss.wrong_picture)})


def html_report(
    sections: Sequence[Section], pictures: Mapping[str, bytes | str], labels: Sequence[LabelSection] = ()
) -> str:
    """The page; sections of shared labels come last.

    `pictures` maps an image's path to its JPEG, or to the reason why there is none; what is left out has its path
    alone. Everything is escaped, and the page's policy forbids scripts and anything from the network.
    """
    shown = [_section(number, section, pictures) for number, section in enumerate(sections, start=1)]
    shown += [_shared_labels(number, section) for number, section in enumerate(labels, start=len(shown) + 1)]
    body = "\n".join(shown)
    titles = [*(section.title for section in sections), *(section.title for section in labels)]
    links = "".join(
        f'<li><a href="#task-{number}">{escape(title)}</a></li>' for number, title in enumerate(titles, start=1)
    )
    runs = sum(len(section.runs) for section in sections) + sum(len(section.measurements) for section in labels)
    count = f"{runs} run{'s' * (runs != 1)}, {len(titles)} task{'s' * (len(titles) != 1)}"
    css = files(__package__).joinpath("page.css").read_text("utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="generator" content="trsllava">
<title>Retrieval, measured – trsllava</title>
<style>
{css}</style>
</head>
<body>
<a class="skip" href="#main">To the figures</a>
<header>
<p class="brand">trsllava</p>
<h1>Retrieval, measured</h1>
<p class="quiet">{count}</p>
<nav aria-label="Tasks"><ul>{links}</ul></nav>
{f'<p class="protocol">{escape(PROTOCOL)}</p>' if sections else ""}
</header>
<main id="main">
{body}
</main>
</body>
</html>
"""


def _section(number: int, section: Section, pictures: Mapping[str, bytes | str]) -> str:
    others = "\n".join(
        f'<h3>Published of the same set with {kind} queries</h3><p class="quiet">{NOT_ONE_COLUMN}</p>'
        f"{_figures(rows, kind)}"
        for kind, rows in section.others().items()
    )
    classes = by_class(section.runs)
    return f"""<section id="task-{number}" aria-labelledby="task-{number}-title">
<h2 id="task-{number}-title">{escape(section.title)}</h2>
<p class="quiet">{escape(section.measured)}</p>
{_figures(section.rows(), section.title)}
{_charts(section.runs)}
{_significance(section)}
{_classes(section.runs, classes) if classes else ""}
<h3>The worst queries</h3>
{"".join(_worst(place, run, pictures) for place, run in enumerate(section.runs))}
{others}
<h3>How it was measured</h3>
{"".join(map(_made, section.runs))}
</section>"""


def _shared_labels(number: int, section: LabelSection) -> str:
    tables = "".join(
        f"<h3>{name.capitalize()}</h3>{_scrolling(f'{section.title}: {name}', _label_figures(section, way))}"
        for way, name in WAYS.items()
    )
    commands = "".join(
        f'<details><summary>{escape(name_of(report))}</summary><pre tabindex="0">{escape(shown_command(kept))}</pre>'
        "</details>"
        for kept, report in section.measurements
    )
    return f"""<section id="task-{number}" aria-labelledby="task-{number}-title">
<h2 id="task-{number}-title">{escape(section.title)}</h2>
<p class="quiet">{escape(section.measured)}. {NOT_PERCENT}</p>
{tables}
<h3>How it was measured</h3>
{commands}
</section>"""


def _label_figures(section: LabelSection, way: str) -> str:
    head = "".join(f'<th scope="col" class="number">@{n}</th>' for n in section.ns)
    body = "".join(
        f'<tr><th scope="row">{row.figure} <small>{escape(row.system)}</small></th>'
        + "".join(f'<td class="number">{shown_figure(value)}</td>' for value in row.values)
        + "</tr>"
        for row in section.rows(way)
    )
    return f'<table><thead><tr><th scope="col">Figure</th>{head}</tr></thead><tbody>{body}</tbody></table>'


def _scrolling(label: str, table: str) -> str:
    """A wide table scrolls by itself, with the keyboard too."""
    return f'<div class="wide" tabindex="0" role="region" aria-label="{escape(label)}">{table}</div>'


def _figures(rows: Sequence[Row], label: str) -> str:
    head = "".join(
        f'<th scope="col"{kind}>{name}</th>'
        for name, kind in (
            ("System", ""),
            ("mR", ' class="number"'),
            ("T2I R@1 / 5 / 10", ' class="number"'),
            ("I2T R@1 / 5 / 10", ' class="number"'),
            ("Oracle", ""),
            ("Transductive", ""),
            ("Trained on the set", ""),
            ("Source", ""),
        )
    )
    best = max(row.mR for row in rows)
    body = "".join(_figure_row(row, best) for row in rows)
    table = f'<table class="figures"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return _scrolling(f"Figures: {label}", table)


def _figure_row(row: Row, best: float) -> str:
    bounds = f"<small>{row.bounds[0]:.2f} – {row.bounds[1]:.2f}</small>" if row.bounds else ""
    bar = f'<i class="bar" style="width:{100 * row.mR / best:.1f}%"></i>'
    learnt = "".join(f"<small>{escape(text)}</small>" for text in row.learnt_from)
    trained = "" if row.trained is None else f"{shown_bool(row.trained)} "
    return (
        f'<tr class="{"published" if row.published else "ours"}"><th scope="row">{escape(row.system)}</th>'
        f'<td class="number mean"><b>{row.mR:.2f}</b>{bounds}{bar}</td>'
        f'<td class="number">{shown_recalls(row.t2i)}</td><td class="number">{shown_recalls(row.i2t)}</td>'
        f"<td>{_flag(row.oracle)}</td><td>{_flag(row.transductive)}</td>"
        f'<td class="learnt">{trained}{learnt}</td><td class="learnt"><small>{escape(row.source)}</small></td></tr>'
    )


def _flag(said: bool) -> str:
    return '<span class="flag">yes</span>' if said else "no"


def _charts(runs: Sequence[Run]) -> str:
    drawn = [(name, curves(runs, way, f"Recall over K, {name}")) for way, name in WAYS.items()]
    figures = "".join(
        f"<figure>{svg}<figcaption>Recall, percent: {name}</figcaption></figure>" for name, svg in drawn if svg
    )
    if not figures:
        return ""
    keys = "".join(
        f'<li><svg class="key" viewBox="0 0 28 10" aria-hidden="true"><polyline class="{style(number)}" '
        f'points="0,5 28,5"/></svg>{escape(run.name)}</li>'
        for number, run in enumerate(runs)
    )
    return f'<h3>Recall over K</h3><ul class="keys">{keys}</ul><div class="charts">{figures}</div>'


def _significance(section: Section) -> str:
    verdicts = section.verdicts
    if not verdicts:
        return ""
    said = "".join(f"<li>{escape(verdict.comparison.sentence())}</li>" for verdict in verdicts)
    rows = "".join(
        f'<tr><th scope="row">{escape(verdict.comparison.second)} <span class="quiet">less</span> '
        f"{escape(verdict.comparison.first)}</th>"
        f'<td class="number"><b>{(mean := verdict.comparison.mean).gain:+.2f}</b></td>'
        f'<td class="number">{mean.low:+.2f} to {mean.high:+.2f}</td><td class="number">{shown_p(mean.p)}</td>'
        f'<td class="number">{shown_p(verdict.adjusted)}</td><td>{shown_bool(mean.significant)}</td></tr>'
        for verdict in verdicts
    )
    table = (
        '<table><thead><tr><th scope="col">Difference in mR</th><th scope="col" class="number">Gain</th>'
        '<th scope="col" class="number">95 % interval</th><th scope="col" class="number">p</th>'
        f'<th scope="col" class="number">p, {len(verdicts)} tests (Holm)</th><th scope="col">Significant</th></tr>'
        "</thead>"
        f"<tbody>{rows}</tbody></table>"
    )
    return (
        f"<h3>Are the differences more than chance?</h3><p class='quiet'>{escape(SIGNIFICANCE)}</p>"
        f"{_scrolling('Significance', table)}<details><summary>In words</summary><ul>{said}</ul></details>"
    )


def _classes(runs: Sequence[Run], classes: Sequence[ClassRow]) -> str:
    highest = max(max(row.mR) for row in classes) or 1.0
    head = "".join(f'<th scope="col" class="number">{escape(run.name)}</th>' for run in runs)
    rows = "".join(
        f'<tr><th scope="row">{escape(row.name)}</th><td class="number">{row.images}</td>'
        + "".join(
            f'<td class="number heat" style="--share:{100 * value / highest:.0f}%">{value:.2f}</td>'
            for value in row.mR
        )
        + "</tr>"
        for row in classes
    )
    table = (
        '<table class="classes"><thead><tr><th scope="col">Class</th><th scope="col" class="number">Images</th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table>"
    )
    return f"<h3>mR by class</h3>{_scrolling('mR by class', table)}"


def _worst(place: int, run: Run, pictures: Mapping[str, bytes | str]) -> str:
    parts = []
    for way, name in WAYS.items():
        cards = "".join(_card(way, miss, run, pictures) for miss in worst(run, way, WORST[way]))
        if cards:
            parts.append(f'<h4>{name.capitalize()}</h4><div class="cards">{cards}</div>')
    opened = " open" if place == 0 else ""
    shown = "".join(parts) or "<p>Every right answer came first.</p>"
    return f"<details{opened}><summary>{escape(run.name)}</summary>{shown}</details>"


def _card(way: str, miss: Miss, run: Run, pictures: Mapping[str, bytes | str]) -> str:
    rank = f'<p class="rank">right answer at rank {miss.rank:,.0f}</p>'
    asked = _picture(miss.picture, "asked for" if way == "t2i" else "asked with", run, pictures)
    found = _picture(
        miss.wrong_picture, "best wrong answer" if way == "t2i" else "best wrong text is of", run, pictures
    )
    if way == "t2i":
        words = f"<blockquote>{escape(miss.asked)}</blockquote>"
    else:
        words = (
            f"<p><span class='quiet'>right</span> {escape(miss.right)}</p>"
            f"<p><span class='quiet'>best wrong</span> {escape(miss.wrong)}</p>"
        )
    return f'<article>{words}{rank}<div class="pair">{asked}{found}</div></article>'


def _picture(path: str, role: str, run: Run, pictures: Mapping[str, bytes | str]) -> str:
    group = next((image.group for image in run.images if image.path == path), "")
    named = f"{role}: {escape(path)}" + (f" <em>{escape(group)}</em>" if group else "")
    picture = pictures.get(path)
    if picture is None:
        shown = ""
    elif isinstance(picture, str):
        shown = f'<span class="missing">{escape(picture)}</span>'
    else:
        data = base64.b64encode(picture).decode("ascii")
        shown = f'<img src="data:image/jpeg;base64,{data}" alt="{escape(path)}" loading="lazy">'
    return f"<figure>{shown}<figcaption>{named}</figcaption></figure>"


def _made(run: Run) -> str:
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in made_of(run))
    return (
        f"<details><summary>{escape(run.name)}, {run.made:%Y-%m-%d %H:%M} UTC</summary>"
        f'<pre tabindex="0">{escape(shown_command(run))}</pre><ul class="made">{said}</ul></details>'
    )
