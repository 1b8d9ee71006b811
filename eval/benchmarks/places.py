"""How well are places and times told from words that only look like them?

    python -m eval.benchmarks.places
    python -m eval.benchmarks.places --captions captions.jsonl [--split test]

Precision and recall on the lists of `tests/gazetteer`: every other query is one that the rules were tuned on, the rest
were kept back. A place counts as right where its name, country and part are; a time where its days or months are, with
15 August 2024 for today. `--captions`: captions that name no place and no time, and how many are taken all the same.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from eval.datasets.captions import read_captions
from trsllava.places.gazetteer import gazetteer
from trsllava.places.regions import label
from trsllava.places.times import Dates, Months, named_time
from trsllava.places.words import NamedPlace, named_place

Kind = Literal["places", "times"]

_LISTS = Path(__file__).parents[2] / "tests" / "gazetteer"
_FILES: dict[Kind, str] = {"places": "queries.tsv", "times": "times.tsv"}
_TODAY = date(2024, 8, 15)
_PART = re.compile(r"(northern|southern|eastern|western|central) (.*)")


@dataclass(frozen=True)
class Row:
    """A query and what it names: `Rotterdam, NL`, `2023-06-01/2023-08-31`, `-` for nothing."""

    query: str
    expected: str
    south: bool = False


@dataclass(frozen=True)
class Counts:
    """How often what was found is right."""

    right: int
    found: int
    named: int
    wrong: tuple[str, ...]

    @property
    def precision(self) -> float:
        """Of what was found."""
        return self.right / self.found

    @property
    def recall(self) -> float:
        """Of what is named."""
        return self.right / self.named


def held_out(kind: Kind, held: bool) -> list[Row]:
    """The half of a list that was kept back, or the other."""
    lines = (_LISTS / _FILES[kind]).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return [Row(row[0], row[1], row[2:] == ["south"]) for number, row in enumerate(rows) if number % 2 == held]


def measured(kind: Kind, rows: Sequence[Row]) -> Counts:
    """How often the rules are right on a list."""
    read = found_place if kind == "places" else found_time
    found = [(row, read(row)) for row in rows]
    return Counts(
        right=sum(told == row.expected != "-" for row, told in found),
        found=sum(told != "-" for _, told in found),
        named=sum(row.expected != "-" for row in rows),
        wrong=tuple(f"{row.query}: {told}, not {row.expected}" for row, told in found if told != row.expected),
    )


def found_place(row: Row) -> str:
    """The place that is found in a query, as the list writes it where it is the same."""
    named = named_place(row.query)
    if named is None:
        return "-"
    return row.expected if _same(named, row.expected) else label(named)


def _same(named: NamedPlace, expected: str) -> bool:
    """Whether a name means the place that was found, in any of its spellings."""
    name, _, country = expected.partition(", ")
    if label(named) == expected:
        return True
    part = _PART.fullmatch(name)
    for spelt, wanted in ((name, ""), (part[2], part[1].removesuffix("ern")) if part else (name, "")):
        if named.part == wanted and named.place in gazetteer().find(spelt):
            return not country or named.place.country == country
    return False


def found_time(row: Row) -> str:
    """The time that is found in a query, as the list writes it."""
    named = named_time(row.query, _TODAY, south=row.south)
    match named.when if named else None:
        case Months(first, last):
            return f"--{first:02}/--{last:02}"
        case Dates(first, last):
            return f"{first or '..'}/{last or '..'}"
        case _:
            return "-"


def taken(texts: Iterable[str]) -> list[str]:
    """What of texts that name nothing is taken for a place or a time."""
    found = []
    for text in texts:
        for named in (named_place(text), named_time(text, _TODAY)):
            if named is not None:
                found.append(text[named.start : named.end])
    return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captions", type=Path, help="RSICD's captions.jsonl")
    parser.add_argument("--split", default="test")
    options = parser.parse_args()
    for kind in _FILES:
        for held in (False, True):
            counts = measured(kind, held_out(kind, held))
            half = "kept back" if held else "tuned on"
            figures = f"precision {counts.precision:.3f}, recall {counts.recall:.3f}"
            print(f"{kind}, {half}: {counts.named} named, {figures}")
            print("".join(f"  {line}\n" for line in counts.wrong), end="")
    if options.captions:
        captions = [text for image in read_captions(options.captions, options.split) for text in image.captions]
        false = taken(captions)
        print(f"{len(captions)} captions of {options.split}: {len(false)} taken {false}")


if __name__ == "__main__":
    main()
