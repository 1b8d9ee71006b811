"""Hits as CSV: a header and one row a hit."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from trsllava.formats.flat import branches_of, columns, flat_row
from trsllava.records import Hit


def csv_rows(hits: Sequence[Hit], links: Sequence[Mapping[str, str]] = ()) -> str:
    """CSV (RFC 4180 with `\\n`) with the columns of `flat.columns`; without hits the header alone.

    `links`: of each hit, addresses by name, which make up further columns.
    """
    branches = branches_of(hits)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns(branches), *(links[0] if links else ())])
    for rank, (hit, more) in enumerate(zip(hits, links or [{}] * len(hits), strict=True), start=1):
        writer.writerow([*flat_row(rank, hit, branches).values(), *more.values()])
    return text.getvalue()
