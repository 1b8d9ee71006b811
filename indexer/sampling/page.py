"""A page with the map and the numbers behind a sample: one HTML file that needs nothing else."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from indexer.sampling.map_picture import COLOURS, POINT
from indexer.sampling.sample import Sample, Table, Value

_WHOLE = 100


Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Drawing:
    """A picture on the page."""

    png: bytes
    said: str
    """What it shows, for those who do not see it."""
    caption: str
    """HTML."""


def sample_page(title: str, sample: Sample, picture: bytes, told: Mapping[str, Value]) -> str:
    """`picture`: the map as PNG. `told`: how the sample was asked for, by name. Everything is escaped."""
    drawing = Drawing(picture, "Map of the points", legend_html(legend_of(sample)))
    return numbers_page(title, sample.notes, [drawing], sample.figures, sample.tables, told)


def numbers_page(
    title: str,
    notes: Sequence[str],
    drawings: Sequence[Drawing],
    figures: Mapping[str, Value],
    tables: Sequence[Table],
    told: Mapping[str, Value],
) -> str:
    """Notes, pictures, figures, tables, and how it all was made (`told`). Everything but captions is escaped."""
    style = files(__package__).joinpath("page.css").read_text("utf-8")
    said = "".join(f'<p class="note">{escape(note)}</p>\n' for note in notes)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="generator" content="trsllava">
<title>{escape(title)} – trsllava</title>
<style>
{style}</style>
</head>
<body>
<h1>{escape(title)}</h1>
{said}{"".join(map(_figure, drawings))}<h2>Numbers</h2>
{_pairs(figures)}
{"".join(map(_table, tables))}<h2>How it was made</h2>
{_pairs(told)}
</body>
</html>
"""


def _figure(drawing: Drawing) -> str:
    data = base64.b64encode(drawing.png).decode("ascii")
    return f"""<figure>
<img src="data:image/png;base64,{data}" alt="{escape(drawing.said)}">
<figcaption>{drawing.caption}</figcaption>
</figure>
"""


def written(value: Value) -> str:
    """A number as people read it: thousands divided, fractions to four digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= _WHOLE else f"{value:.4g}"


def legend_of(sample: Sample) -> list[tuple[Colour, str]]:
    """The colours of a sample's map and what they mean."""
    kinds = [] if sample.layer is None else [(COLOURS[kind], name) for kind, name in sample.layer.names.items()]
    return [*kinds, (POINT, "point")]


def legend_html(legend: Sequence[tuple[Colour, str]]) -> str:
    """A line of keys."""
    return " ".join(
        f'<span class="key"><i style="background:rgb{colour}"></i>{escape(name)}</span>' for colour, name in legend
    )


def _pairs(pairs: Mapping[str, Value]) -> str:
    rows = "".join(
        f"<tr><th scope=row>{escape(name)}</th><td>{escape(written(value))}</td></tr>" for name, value in pairs.items()
    )
    return f"<table>{rows}</table>"


def _table(table: Table) -> str:
    if not table.rows:
        return ""
    names: Sequence[str] = list(table.rows[0])
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name in names)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(written(row[name]))}</td>" for name in names) + "</tr>" for row in table.rows
    )
    note = f"<p>{escape(table.note)}</p>\n" if table.note else ""
    return f"<h2>{escape(table.title)}</h2>\n<table>\n<tr>{head}</tr>\n{body}\n</table>\n{note}"
