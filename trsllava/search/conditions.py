"""Queries and filters as people write them, turned into `Query` and `Filters` once, at the border."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias, get_args

from pydantic import ValidationError

from trsllava.errors import InputError, Parameter
from trsllava.raster.times import Span, parse_span
from trsllava.records import Filters, Footprint, PropertyCondition, Query, Term
from trsllava.remote.address import is_address, public
from trsllava.validation import absolute_path, check_unicode, fault_of

BBoxLike: TypeAlias = Footprint | Sequence[float] | str
"""A box of WGS84 degrees: `(west, south, east, north)`, the same as text with commas, or a footprint; `west > east`
crosses the dateline."""
DatetimeLike: TypeAlias = str | date | datetime | tuple[str | date | datetime | None, str | date | datetime | None]
"""A time or an interval: `"2019"`, `"2019-06/2020"`, `"2021-03-01/.."`, a date (the whole day), a datetime (that
instant; UTC where it has no zone), or a pair of these, None for an open side."""


def as_query(text: str | Query, **given: object) -> Query:
    """A query in words or a ready one, with the fields that are `given` (not None) in place of its own.

    Raises InputError for a value that cannot be.
    """
    if isinstance(text, str):
        check_unicode(text)
    elif not isinstance(text, Query):
        raise InputError(f"A query is text or a Query, not {text!r}.")
    changed = {name: value for name, value in given.items() if value is not None}
    if isinstance(text, Query) and not changed:
        return text
    try:
        return Query.model_validate((dict(text) if isinstance(text, Query) else {"text": text}) | changed)
    except ValidationError as error:
        field, fault = fault_of(error)
        raise InputError(Parameter(field.partition(".")[0]), f" {fault}.") from error


def as_filters(
    filters: Filters,
    *,
    bbox: BBoxLike | None = None,
    time: DatetimeLike | None = None,
    labels: str | Sequence[str] | None = None,
    without_labels: str | Sequence[str] | None = None,
    source: Path | str | Sequence[Path | str] | None = None,
    properties: str | Sequence[str] | None = None,
) -> Filters:
    """Filters with the conditions that are given (not None) in place of theirs. Raises InputError for a bad one."""
    changed: dict[str, object] = {}
    if bbox is not None:
        changed["bbox"] = as_footprint(bbox)
    if time is not None:
        changed["start"], changed["end"] = as_interval(time)
    if labels is not None:
        changed["labels"] = _names("labels", labels)
    if without_labels is not None:
        changed["without_labels"] = _names("without_labels", without_labels)
    if source is not None:
        changed["sources"] = tuple(map(_place, _names("source", source)))
    if properties is not None:
        changed["properties"] = tuple(map(as_condition, _names("properties", properties)))
    return filters.model_copy(update=changed)


_CONDITION = re.compile(r"\s*([A-Za-z_][\w:.-]*)\s*(<=|>=|!=|<|>|=)\s*(.+?)\s*", re.ASCII)


def as_condition(text: str) -> PropertyCondition:
    """`cloud_cover<20`, `platform=sentinel-2a`. Raises InputError."""
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise InputError(Parameter("properties"), f" expects cloud_cover<20 or platform=NAME, not {text!r}.")
    try:
        return PropertyCondition.model_validate({"name": match[1], "comparison": match[2], "value": match[3]})
    except ValidationError as error:
        raise InputError(Parameter("properties"), f" {text}: {fault_of(error)[1]}.") from error


def _place(source: str) -> str:
    """A path or an address as the ledger writes it."""
    return public(source).rstrip("/") if is_address(source) else absolute_path(source).as_posix()


def _names(parameter: str, given: Path | str | Sequence[Path | str]) -> tuple[str, ...]:
    """One name or several."""
    names = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    for name in names:
        if not isinstance(name, str | Path) or not str(name):
            raise InputError(Parameter(parameter), f" expects names, not {name!r}.")
        check_unicode(str(name))
    return tuple(map(str, names))


def as_footprint(bbox: BBoxLike) -> Footprint:
    """The box that is meant. Raises InputError."""
    if isinstance(bbox, Footprint):
        return bbox
    written = bbox if isinstance(bbox, str) else repr(bbox)
    try:
        west, south, east, north = map(float, bbox.split(",") if isinstance(bbox, str) else bbox)
        return Footprint(west=west, south=south, east=east, north=north)
    except ValidationError as error:
        raise InputError(Parameter("bbox"), f" {written}: {fault_of(error)[1]}.") from error
    except (TypeError, ValueError) as error:
        raise InputError(Parameter("bbox"), f" expects west,south,east,north in degrees, not {bbox!r}.") from error


def as_weights(text: str) -> dict[Term, float]:
    """`dense=1,bm25=0.5,rerank=2`. Raises InputError."""
    weights: dict[Term, float] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        term = next((term for term in get_args(Term) if term == name.strip()), None)
        if term is None:
            known = ", ".join(get_args(Term))
            raise InputError(Parameter("weights"), f" accepts {known}, not {name.strip()!r}.")
        try:
            weights[term] = float(value)
        except ValueError as error:
            raise InputError(Parameter("weights"), f" expects dense=1,bm25=0.5, not {text!r}.") from error
    return weights


def as_interval(time: DatetimeLike) -> tuple[datetime | None, datetime | None]:
    """A time or two of them: the first and the last instant, aware and in UTC, None where that side is open.

    A time means all of it as far as it is written (`trsllava.raster.times`): the end of `2019` is the last microsecond
    of the year. Raises InputError.
    """
    sides = time.split("/") if isinstance(time, str) else time if isinstance(time, tuple | list) else (time,)
    written = time if isinstance(time, str) else "/".join(".." if side is None else str(side) for side in sides)
    if not 1 <= len(sides) <= 2:
        raise InputError(Parameter("time"), f" expects one time or start/end, not {written!r}.")
    start, end = (_span(side, written) for side in (sides[0], sides[-1]))
    if start and end and start.start > end.end:
        raise InputError(Parameter("time"), f" {written} ends before it starts.")
    return start.start if start else None, end.end if end else None


def _span(side: str | date | datetime | None, written: str) -> Span | None:
    """One side of an interval; None where it is open."""
    if side is None or (isinstance(side, str) and side.strip() in ("", "..")):
        return None
    if isinstance(side, datetime):
        instant = side.replace(tzinfo=UTC) if side.tzinfo is None else side.astimezone(UTC)
        return Span(instant, instant)
    span = parse_span(str(side)) if isinstance(side, str | date) else None  # a date's text is ISO 8601's
    if span is None:
        raise InputError(
            Parameter("time"),
            f" {written}: {side!r} is not a time. Write 2019, 2019-06, 2019-W10, 2019-06-30 or 2019-06-30T07:07Z.",
        )
    return span
