"""A data set's page: its pictures by number, its labels, its texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexer.dataset.numbers import Numbers
from indexer.dataset.records import DataSetAbout
from indexer.sampling.page import Drawing, legend_html, numbers_page
from indexer.sampling.sample import Table, Value


def data_set_page(
    about: DataSetAbout,
    numbers: Numbers,
    tables: Sequence[Table],
    legend: Sequence[tuple[tuple[int, int, int], str]],
    pictures: Sequence[tuple[str, bytes]],
    asked: Mapping[str, Value],
) -> str:
    """One HTML file that needs nothing else. `pictures`: title and PNG, the map first, which `legend` belongs to."""
    drawings = [
        Drawing(picture, title, legend_html(legend) if number == 0 else title)
        for number, (title, picture) in enumerate(pictures)
    ]
    told = {
        **asked,
        "captioner": about.captioner,
        "prompt": about.prompt or "none",
        "licence": about.license or "not stated",
        "begun": about.created.isoformat(),
    }
    notes = [*([about.description] if about.description else []), *numbers.notes]
    return numbers_page(about.name, notes, drawings, {**numbers.figures, **numbers.sampling}, tables, told)
