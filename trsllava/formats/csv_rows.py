"""Hits as CSV: a header and one row a hit."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from trsllava.formats.flat import branches_of, columns, flat_row
from trsllava.records import Hit


def csv_rows(hits: Sequence[Hit]) -> str:
    """CSV (RFC 4180 with `\\n`) with the columns of `flat.columns`; without hits the header alone."""
    branches = branches_of(hits)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns(branches))
    for rank, hit in enumerate(hits, start=1):
        writer.writerow(flat_row(rank, hit, branches).values())
    return text.getvalue()
