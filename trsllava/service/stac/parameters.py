"""What STAC clients ask for, as they write it and as it is meant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from trsllava.config import COLLECTION_PATTERN
from trsllava.raster.times import parse_span
from trsllava.records import Filters
from trsllava.search.conditions import as_footprint
from trsllava.service.models import Body, within
from trsllava.service.problems import Problem
from trsllava.service.settings import ServiceSettings
from trsllava.service.stac.geometry import Geometry

_MOST_ITEMS = 1000
"""On one page; a client that asks for more gets so many."""
_MOST_NAMES = 1000
_LIMIT = f"Items on a page; more than {_MOST_ITEMS:,} count as so many."
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
"""RFC 3339, section 5.6."""
_TOKEN = re.compile(r"(?P<rank>\d{1,6})|(?P<collection>[^:]+):(?P<after>[0-9a-f-]{36})", re.ASCII)
_LONG = 4000
"""Characters of a parameter in an address, which has room for 64 KiB; a posted search may be larger."""
_NUMBER = r" *[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,3})? *"
_BOX = rf"^{_NUMBER}(,{_NUMBER}){{3}}((,{_NUMBER}){{2}})?$"

Text = Annotated[str, StringConstraints(max_length=2000)]
Texts = Annotated[tuple[Text, ...], Field(max_length=64)]
TextsInAddress = Annotated[tuple[Annotated[str, StringConstraints(max_length=1000)], ...], Field(max_length=4)]
Name = Annotated[str, StringConstraints(max_length=100)]
Names = Annotated[tuple[Name, ...], Field(max_length=_MOST_NAMES)]
Degrees = Annotated[float, Field(strict=True)]
Token = Annotated[str | None, Field(max_length=200, description="From a `next` link.")]
Datetime = Annotated[
    str | None,
    Field(
        max_length=200,
        description="An instant with its zone (RFC 3339), or two with `/` between them, `..` for an open side.",
        examples=["2024-01-01T00:00:00Z/.."],
    ),
]


class ItemsParameters(Body):
    """Which items of a collection."""

    limit: int = Field(default=10, ge=1, description=_LIMIT)
    bbox: str | None = Field(
        default=None,
        max_length=300,
        pattern=_BOX,
        description="West, south, east, north in degrees; west > east crosses the dateline.",
        examples=["3.9,51.8,4.6,52.1"],
    )
    datetime: Datetime = None
    q: TextsInAddress = Field(
        default=(),
        description="What to look for, in words. Commas, or several of them: one or the other.",
        examples=[["harbor with cranes"]],
    )
    collections: str | None = Field(
        default=None, max_length=_LONG, description="Collections, commas between them.", examples=["default"]
    )
    token: Token = None


class SearchParameters(ItemsParameters):
    """A search as it stands in an address."""

    ids: str | None = Field(default=None, max_length=_LONG, description="Ids of items, commas between them.")
    intersects: str | None = Field(
        default=None,
        max_length=_LONG,
        description="A GeoJSON geometry, in place of `bbox`.",
        examples=['{"type":"Point","coordinates":[4.1,51.9]}'],
    )


class Carried(Body):
    """What clients that were told to say something in every address say where it means nothing."""

    q: TextsInAddress = Field(default=(), description="Passed over: only searches look for something.")


class PostedQ(Body):
    """The words of a search that is posted, in its address: some clients cannot put them into the body."""

    q: TextsInAddress = Field(default=(), description="What to look for, where the body does not say it.")


class SearchBody(Body):
    """A search as it is posted."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"q": "harbor with cranes", "bbox": [-180, -60, 180, 75], "limit": 5}]}
    )

    limit: Annotated[int, Field(strict=True, ge=1, description=_LIMIT)] | None = None
    bbox: Annotated[tuple[Degrees, ...], Field(min_length=4, max_length=6)] | None = Field(
        default=None, description="West, south, east, north in degrees; west > east crosses the dateline."
    )
    datetime: Datetime = None
    q: Text | Texts | None = Field(
        default=None, description="What to look for, in words; of a list, one or the other."
    )
    ids: Names | None = None
    collections: Names | None = None
    intersects: dict[str, Any] | None = Field(default=None, description="A GeoJSON geometry, in place of `bbox`.")
    token: Token = None


@dataclass(frozen=True)
class Start:
    """Where a page begins: behind an item of a collection, or at a rank."""

    collection: str = ""
    after: str = ""
    rank: int = 0


@dataclass(frozen=True)
class Asked:
    """What is meant: conditions that items meet all, and which page of them."""

    terms: tuple[str, ...]
    """Of a search in words; a tile's score is that of the best of them."""
    filters: Filters
    geometry: Geometry | None
    ids: frozenset[str] | None
    collections: frozenset[str] | None
    limit: int
    start: Start


def asked_of(
    settings: ServiceSettings,
    *,
    limit: int | None,
    bbox: Sequence[float] | str | None,
    datetime: str | None,
    terms: Iterable[str],
    token: str | None,
    ids: Iterable[str] | None = None,
    collections: Iterable[str] | None = None,
    intersects: object = None,
) -> Asked:
    """What a request means. Raises Problem (400), InputError."""
    if bbox is not None and intersects is not None:
        raise Problem(400, "bad-request", "bbox, intersects: give one of them.")
    wanted = tuple(dict.fromkeys(term for term in (" ".join(one.split()) for one in terms) if term))
    within(len(wanted), settings.batch_limit, "terms in q")
    for term in wanted:
        within(len(term), settings.text_limit, "characters in a term of q")
    geometry = None if intersects is None else Geometry(intersects)
    start, end = _interval(datetime)
    box = geometry.box if geometry else None if bbox is None else _box(bbox)
    return Asked(
        terms=wanted,
        filters=Filters(bbox=box, start=start, end=end),
        geometry=geometry,
        ids=_names("ids", ids),
        collections=_names("collections", collections),
        limit=min(limit or 10, _MOST_ITEMS),
        start=_start(token, ranked=bool(wanted)),
    )


def terms_in_address(q: Iterable[str]) -> list[str]:
    """The terms of `q` as an address has it: commas stand between them. Clients repeat what a `next` link has."""
    return [term for one in q for term in one.split(",")]


def listed(text: str | None) -> list[str] | None:
    """Names with commas between them."""
    return None if text is None else [name.strip() for name in text.split(",")]


def geometry_in_address(text: str | None) -> object:
    """The JSON of `intersects`. Raises Problem (400)."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Problem(400, "bad-request", "intersects: must be a GeoJSON geometry.") from None


def token_of(start: Start) -> str:
    """What a `next` link says."""
    return f"{start.collection}:{start.after}" if start.collection else str(start.rank)


def _start(token: str | None, *, ranked: bool) -> Start:
    if token is None:
        return Start()
    found = _TOKEN.fullmatch(token)
    if found is None or ranked != bool(found["rank"]) or not (ranked or re.match(COLLECTION_PATTERN, found[2])):
        raise Problem(400, "bad-request", "token: is none of this search.", "Follow the `next` link as it is.")
    return Start(rank=int(found["rank"])) if ranked else Start(found["collection"], found["after"])


def _names(parameter: str, given: Iterable[str] | None) -> frozenset[str] | None:
    if given is None:
        return None
    names = frozenset(given)
    within(len(names), _MOST_NAMES, f"names in {parameter}")
    return names or None


def _box(given: Sequence[float] | str) -> Any:
    try:
        numbers = list(map(float, given.split(",") if isinstance(given, str) else given))
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6):
        raise Problem(400, "bad-request", "bbox: wants west,south,east,north in degrees.")
    return as_footprint(numbers if len(numbers) == 4 else [*numbers[:2], *numbers[3:5]])  # heights are not known


def _interval(text: str | None) -> tuple[datetime | None, datetime | None]:
    if text is None:
        return None, None
    sides = [None if side in ("", "..") else _instant(side) for side in text.split("/")]
    if len(sides) > 2 or not any(sides):
        raise _bad_time()
    start, end = sides[0], sides[-1]
    if start and end and start > end:
        raise Problem(400, "bad-request", "datetime: ends before it starts.")
    return start, end


def _instant(text: str) -> datetime:
    span = parse_span(text) if _INSTANT.fullmatch(text) else None
    if span is None:
        raise _bad_time()
    return span.start


def _bad_time() -> Problem:
    return Problem(
        400,
        "bad-request",
        "datetime: wants an instant with its zone, or two with `/` between them.",
        "Write 2024-05-17T10:31:05Z, 2024-01-01T00:00:00Z/.. or ../2024-01-01T00:00:00+02:00.",
    )
