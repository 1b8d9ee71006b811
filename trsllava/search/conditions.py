"""Filters as people write them, turned into `Filters` once, at the border."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import ValidationError

from trsllava.errors import InputError, Parameter
from trsllava.raster.times import Span, parse_span
from trsllava.records import Branch, Filters, Footprint, FusionName, SideBranch, Term
from trsllava.validation import fault_of

T = TypeVar("T")

_CONDITION = re.compile(r"^(label|source)(=|!=)(.+)$")


def parse_bbox(text: str) -> Footprint:
    """`west,south,east,north` in degrees; west > east crosses the dateline. Raises InputError."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        return Footprint(west=west, south=south, east=east, north=north)
    except ValidationError as error:
        raise InputError(Parameter("bbox"), f" {text}: {fault_of(error)[1]}.") from error
    except ValueError as error:
        raise InputError(Parameter("bbox"), f" wants west,south,east,north in degrees, not {text!r}.") from error


def parse_time(text: str) -> tuple[datetime | None, datetime | None]:
    """A time or two of them, `2019`, `2019-W10`, `2019-06/2020`, `2021-03-01T07:07Z/..`: the first and the last
    instant, None where that side is open.

    A time means all of it as far as it is written (`trsllava.raster.times`): the end of `2019` is the last microsecond
    of the year. Raises InputError.
    """
    parts = text.split("/")
    if len(parts) > 2:
        raise InputError(Parameter("time"), f" wants one time or start/end, not {text!r}.")
    start, end = (_span(part, text) for part in (parts[0], parts[-1]))
    if start and end and start[0] > end[1]:
        raise InputError(Parameter("time"), f" {text} ends before it starts.")
    return start.start if start else None, end.end if end else None


def _span(part: str, whole: str) -> Span | None:
    """A time as written; None where the side is open."""
    if part.strip() in ("", ".."):
        return None
    span = parse_span(part)
    if span is None:
        raise InputError(
            Parameter("time"),
            f" {whole}: {part!r} is no time. Write 2019, 2019-06, 2019-W10, 2019-06-30 or 2019-06-30T07:07Z.",
        )
    return span


def parse_filters(bbox: str | None = None, time: str | None = None, where: Sequence[str] = ()) -> Filters:
    """Filters from `bbox`, `time` and `where` (`label=…`, `label!=…`, `source=FILE or FOLDER`).

    Raises InputError that shows the right form.
    """
    labels: list[str] = []
    without: list[str] = []
    sources: list[str] = []
    for condition in where:
        match = _CONDITION.match(condition)
        if match is None or (match[1], match[2]) == ("source", "!="):
            raise InputError(Parameter("where"), f" wants label=NAME, label!=NAME or source=PATH, not {condition!r}.")
        if match[1] == "source":
            sources.append(Path(os.path.abspath(Path(match[3]).expanduser())).as_posix())
        else:
            (labels if match[2] == "=" else without).append(match[3])
    start, end = parse_time(time) if time else (None, None)
    return Filters(
        bbox=parse_bbox(bbox) if bbox else None,
        start=start,
        end=end,
        labels=tuple(labels),
        without_labels=tuple(without),
        sources=tuple(sources),
    )


def parse_branches(text: str) -> tuple[Branch, ...]:
    """`dense,bm25`. Raises InputError for a branch that does not exist."""
    return tuple(dict.fromkeys(_one_of(part.strip(), "branches", get_args(Branch)) for part in text.split(",")))


def parse_pair(text: str) -> tuple[SideBranch, SideBranch]:
    """`image,dense`: what a composed query's picture and its text are compared with. Raises InputError."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2:
        raise InputError(
            Parameter("pair"), f" wants two of dense and image, for the picture and for the text, not {text!r}."
        )
    of_image, of_text = (_one_of(part, "pair", get_args(SideBranch)) for part in parts)
    return of_image, of_text


def parse_fusion(text: str) -> FusionName:
    """`rrf`, `zscore` or `cdf`. Raises InputError for another."""
    return _one_of(text, "fusion", get_args(FusionName))


def parse_weights(text: str) -> dict[Term, float]:
    """`dense=1,bm25=0.5,rerank=2`. Raises InputError."""
    weights: dict[Term, float] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        try:
            weights[_one_of(name.strip(), "weights", get_args(Term))] = float(value)
        except ValueError as error:
            raise InputError(Parameter("weights"), f" wants dense=1,bm25=0.5, not {text!r}.") from error
    return weights


def _one_of(value: str, parameter: str, known: tuple[T, ...]) -> T:
    for name in known:
        if value == name:
            return name
    raise InputError(Parameter(parameter), f" knows {', '.join(map(str, known))}, not {value!r}.")
