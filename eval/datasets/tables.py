"""Tables with a header: comma-separated `.csv`, tab-separated `.tsv`."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trsllava.errors import CaptionFileError


@dataclass(frozen=True)
class Row:
    """A row's cells by column."""

    line: int
    cells: dict[str, str]


def read_table(path: Path) -> tuple[list[str], list[Row]]:
    """Header and rows; blank lines are passed over. Raises CaptionFileError, with the line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",", strict=True)
            lines = [(reader.line_num, cells) for cells in reader if cells]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CaptionFileError(f"{path} cannot be read as a table: {error}.") from error
    if not lines:
        raise CaptionFileError(f"{path} is empty.")
    header = [name.strip() for name in lines[0][1]]
    if len(set(header)) < len(header):
        raise CaptionFileError(f"{path}, line 1: two columns have the same name.")
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            raise CaptionFileError(f"{path}, line {line}: has {len(cells)} cells, the header has {len(header)}.")
    return header, [Row(line, dict(zip(header, cells, strict=True))) for line, cells in lines[1:]]


def column(path: Path, header: Sequence[str], names: Sequence[str], layout: str) -> str:
    """The first of `names` that is a column. Raises CaptionFileError."""
    for name in names:
        if name in header:
            return name
    wanted = " or ".join(f"`{name}`" for name in names)
    raise CaptionFileError(f"{path} has no column {wanted}, its header is {', '.join(header)}. Expected: {layout}.")
