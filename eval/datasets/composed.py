"""Composed queries: JSON lines of `{"image", "text", "positives": […], "group": …}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from eval.datasets.captions import image_key, text_lines
from trsllava.errors import CaptionFileError, InputError, Parameter
from trsllava.validation import first_fault

LAYOUT = '{"image": "a.jpg", "text": "with boats", "positives": ["b.jpg", "c.jpg"], "group": "harbor/boats"}'
"""What a line looks like."""


@dataclass(frozen=True)
class ComposedQuery:
    """A picture and a text, and the images that answer both."""

    image: str
    """Path within the folder of images, like the positives'."""
    text: str
    positives: tuple[str, ...]
    group: str = ""
    """`attribute/value`: figures are averaged over values, then over attributes."""


@dataclass(frozen=True)
class ComposedSet:
    """Composed queries, and what they are asked of."""

    queries: tuple[ComposedQuery, ...]
    own_image_ranks: bool
    """True where the query's own image is ranked, as a wrong answer, like any other."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    image: Annotated[str, StringConstraints(min_length=1)]
    text: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    positives: tuple[str, ...] = Field(min_length=1)
    group: str = ""


def read_composed(path: Path) -> ComposedSet:
    """Read a file of composed queries; a query's own image is not ranked, and cannot be its own answer.

    Raises CaptionFileError, with the line, for a file or a line that cannot be read; InputError where it is empty.
    """
    queries = [_query(path, number, line) for number, line in enumerate(text_lines(path), start=1) if line.strip()]
    if not queries:
        raise InputError(f"{path} holds no query. A line looks like {LAYOUT}.")
    return ComposedSet(tuple(queries), own_image_ranks=False)


def placed(asked: ComposedSet, archive: Iterable[str]) -> ComposedSet:
    """The same queries with images spelt as the archive spells them. Raises InputError that counts what is missing
    from it and names the first."""
    known = {image_key(name): name for name in archive}
    missing = {name: None for query in asked.queries for name in (query.image, *query.positives)}
    absent = [name for name in missing if image_key(name) not in known]
    if absent:
        raise InputError(
            f"{len(absent)} of {len(missing)} images of the queries are not in the archive of {len(known)}, the "
            f"first is {absent[0]!r}. Their paths are relative to ",
            Parameter("images"),
            ".",
        )
    spelt = {name: known[image_key(name)] for name in missing}
    return replace(asked, queries=tuple(_spelt(query, spelt) for query in asked.queries))


def _spelt(query: ComposedQuery, spelt: Mapping[str, str]) -> ComposedQuery:
    return replace(query, image=spelt[query.image], positives=tuple(spelt[name] for name in query.positives))


def _query(path: Path, number: int, line: str) -> ComposedQuery:
    try:
        read = _Line.model_validate_json(line)
    except ValidationError as error:
        raise CaptionFileError(f"{path}, line {number}: {first_fault(error)}. A line looks like {LAYOUT}.") from error
    keys = [image_key(name) for name in read.positives]
    if image_key(read.image) in keys:
        raise CaptionFileError(f"{path}, line {number}: {read.image} is one of its own positives. Remove it.")
    if len(set(keys)) < len(keys):
        raise CaptionFileError(f"{path}, line {number}: a positive is named twice.")
    return ComposedQuery(read.image, read.text, read.positives, read.group)
