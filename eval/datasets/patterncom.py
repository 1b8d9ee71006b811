"""PatternCom: attribute modifications over PatternNet's images, as its authors publish them.

    PatternNet/
        images/airplane/airplane001.jpg …
        PatternCom/color.csv, context.csv, density.csv, existence.csv, quantity.csv, shape.csv

A CSV has a line an image and no header: file name, attribute, value. Every image asks, with each other value of its
class as the text, for the images of its class that have that value. The class is what a file name begins with, up to
the first digit; some classes count as one. All images of PatternNet are ranked, the query's own among them.

Layout, classes and answers are those of the authors' program (github.com/billpsomas/rscir: `evaluate.py`, `utils.py`)
and its README; the CSV files themselves lie outside that repository and were not seen.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from eval.datasets.composed import ComposedQuery, ComposedSet
from trsllava.errors import CaptionFileError, InputError, Parameter

ATTRIBUTES = ("color", "context", "density", "existence", "quantity", "shape")
LAYOUT = "a folder PatternCom with " + ", ".join(f"{attribute}.csv" for attribute in ATTRIBUTES)
_CLASSES = {
    "denseresidential": "residential",
    "sparseresidential": "residential",
    "closedroad": "road",
    "intersection": "road",
    "bridge": "roadpass",
    "overpass": "roadpass",
    "ferryterminal": "pier",
    "harbor": "pier",
    "parkingspace": "parking",
    "parkinglot": "parking",
}
"""Classes whose images answer for each other."""
_ASKED_TOGETHER = {
    "density": {"denseresidential", "sparseresidential"},
    "shape": {"closedroad", "intersection"},
    "context": {"bridge", "overpass"},
    "existence": {"ferryterminal", "harbor", "parkingspace", "parkinglot"},
}
"""Of these, by attribute, those whose values are asked of each other as well."""


@dataclass(frozen=True)
class _Row:
    image: str
    attribute: str
    value: str
    kind: str
    """Class by the file's name."""

    def asked(self, attribute: str) -> tuple[str, str]:
        """The group of images that ask for each other's values."""
        together = self.kind in _ASKED_TOGETHER.get(attribute, ())
        return self.attribute, _CLASSES[self.kind] if together else self.kind

    def answers(self) -> tuple[str, str]:
        """What an image answers to: a class and a value."""
        return _CLASSES.get(self.kind, self.kind), self.value


def read_patterncom(folder: Path, archive: Iterable[str]) -> ComposedSet:
    """The queries of a folder of attribute CSVs, or of the PatternNet folder above it; groups are `attribute/value`.

    `archive`: the paths of all images, within the folder of images; CSVs name files alone. Raises InputError for
    another layout, an image that is missing, or where nothing is asked, CaptionFileError for a line that cannot be
    read.
    """
    inside = folder / "PatternCom" if (folder / "PatternCom").is_dir() else folder
    files = [inside / f"{attribute}.csv" for attribute in ATTRIBUTES if (inside / f"{attribute}.csv").is_file()]
    if not files:
        raise InputError(f"No attribute file was found; looked for {inside / 'color.csv'}. PatternCom is {LAYOUT}.")
    paths = _by_name(archive)
    queries = [query for file in files for query in _queries(file.stem, _rows(file, paths))]
    if not queries:
        raise InputError(
            f"{inside} asks for nothing: no class has two values of an attribute, of which each image asks for the "
            f"other. {', '.join(file.name for file in files)} was read."
        )
    return ComposedSet(tuple(queries), own_image_ranks=True)


def _queries(attribute: str, rows: list[_Row]) -> list[ComposedQuery]:
    values: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    answering: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        values[row.asked(attribute)][row.value] = None
    for row in {row.image: row for row in rows}.values():  # of a file that is listed twice the last line counts
        answering[row.answers()].append(row.image)
    answers = {key: tuple(images) for key, images in answering.items()}
    found = []
    for row in rows:
        for value in values[row.asked(attribute)]:
            positives = answers.get((row.answers()[0], value), ())
            if value != row.value and positives:
                found.append(ComposedQuery(row.image, value, positives, f"{attribute}/{value}"))
    return found


def _rows(file: Path, paths: dict[str, str]) -> list[_Row]:
    rows = []
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            for number, cells in enumerate(csv.reader(opened), start=1):
                if not cells or (number == 1 and not PurePosixPath(cells[0]).suffix):
                    continue  # a blank line, or a header
                rows.append(_row(file, number, cells, paths))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CaptionFileError(f"{file} cannot be read as a CSV file: {error}.") from error
    return rows


def _row(file: Path, number: int, cells: list[str], paths: dict[str, str]) -> _Row:
    if len(cells) < 3:
        raise CaptionFileError(f"{file}, line {number}: a line is file name, attribute, value; this one is {cells}.")
    name, attribute, value = (cell.strip() for cell in cells[:3])
    if name not in paths:
        raise InputError(
            f"{file}, line {number}: no image {name} was found in the archive of {len(paths)}. ",
            Parameter("images"),
            " is the folder that holds PatternNet's images, in folders of their class or not.",
        )
    kind = name.replace("_", "")
    return _Row(paths[name], attribute, value, kind[: next((n for n, c in enumerate(kind) if c.isdigit()), len(kind))])


def _by_name(archive: Iterable[str]) -> dict[str, str]:
    paths: dict[str, str] = {}
    for path in archive:
        name = PurePosixPath(path).name
        if name in paths:
            raise InputError(f"{paths[name]} and {path} have the same name, by which PatternCom tells images apart.")
        paths[name] = path
    return paths
