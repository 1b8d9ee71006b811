"""Place and time words of a query, taken out of it and turned into filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from trsllava.ledger.extent import Extent
from trsllava.places.regions import area_named, label, reach_km, told_place
from trsllava.places.times import Dates, Months, NamedTime, named_time
from trsllava.places.words import NamedPlace, named_place
from trsllava.records import Area, Filters, Footprint

_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_YEARS = 100
"""The most that months of every year are looked for in."""


@dataclass(frozen=True)
class TakenPlace:
    """A place that a query's words name, as it is searched in."""

    words: str
    """As typed."""
    told: str
    """`near Rotterdam, NL: 51.92, 4.48, 25 km`."""
    name: str
    lon: float
    lat: float
    """Its middle, in degrees."""
    km: float
    """How far it reaches around its middle, or around its outline."""
    others: tuple[str, ...] = ()
    """Other places of the name."""


@dataclass(frozen=True)
class TakenTime:
    """A time that a query's words name, as it is searched in."""

    words: str
    told: str
    """`2023-06-01 to 2023-08-31`."""


@dataclass(frozen=True)
class Whereabouts:
    """What a query's words say of where and when, and the rest of them."""

    rest: str
    place: TakenPlace | None = None
    time: TakenTime | None = None
    untaken: tuple[str, ...] = ()
    """Why a place or time that is named is searched as words."""
    area: Area | None = None
    spans: tuple[tuple[datetime, datetime], ...] = field(default=())

    def filters(self, filters: Filters) -> Filters:
        """These conditions beside others."""
        changed: dict[str, object] = {}
        if self.area is not None:
            changed["area"] = self.area
        if self.spans:
            changed["spans"] = self.spans
        return filters.model_copy(update=changed) if changed else filters

    def sentences(self) -> list[str]:
        """What to say above the hits."""
        told = []
        if self.place:
            told.append(f"Place: {self.place.told}.")
            if self.place.others:
                told.append(
                    f"There is also {'; '.join(self.place.others)}: say which one, or where it lies, to mean that."
                )
        if self.time:
            told.append(f"Time: {self.time.words} ({self.time.told}).")
        return told + list(self.untaken)


def read_whereabouts(
    text: str,
    extent: Callable[[], Extent],
    today: date,
    *,
    places: bool = True,
    times: bool = True,
    has_meaning: Callable[[str], bool],
    within: Footprint | None = None,
) -> Whereabouts:
    """Take place and time words out of a query. Where nothing else is left, its words are searched as well.

    Args:
        text: the query.
        extent: where and when the collection's tiles lie; asked only if a place or a time is named.
        today: what `last year` counts from.
        places: False: place names stay words.
        times: False: times stay words.
        has_meaning: whether a text holds a word that can be searched for.
        within: a box that tiles must meet besides; seasons are those of its hemisphere where no place is named.
    """
    when = named_time(text, today) if times else None
    timeless = _without(text, when.start, when.end) if when else text
    where = named_place(timeless) if places else None
    if when is None and where is None:
        return Whereabouts(text)
    lies = extent()
    untaken = []
    if when is not None and lies.start is None:
        untaken.append(f"No image of the collection has a time: {_words(text, when)!r} is searched as words.")
        when, timeless = None, text
        where = named_place(text) if places else None
    if where is not None and lies.box is None:
        untaken.append(
            f"No image of the collection is georeferenced: {_words(timeless, where)!r} is searched as words."
        )
        where = None
    if where is not None:
        where = named_place(timeless, lies.box)
    rest = _without(timeless, where.start, where.end) if where else timeless
    if when is not None:
        looked_in = within or lies.box
        south = where.place.lat < 0 if where else looked_in is not None and looked_in.south + looked_in.north < 0
        when = named_time(text, today, south=south)
    return Whereabouts(
        rest=rest if has_meaning(rest) else text,
        place=_taken(where, timeless) if where else None,
        time=TakenTime(_words(text, when), _told(when)) if when else None,
        untaken=tuple(untaken),
        area=area_named(where) if where else None,
        spans=_spans(when, lies, today) if when else (),
    )


def _taken(where: NamedPlace, text: str) -> TakenPlace:
    others = tuple(f"{other.label} ({other.lat:.2f}, {other.lon:.2f})" for other in where.others)
    place = where.place
    return TakenPlace(
        _words(text, where), told_place(where), label(where), place.lon, place.lat, reach_km(where), others
    )


def _words(text: str, named: NamedPlace | NamedTime) -> str:
    return text[named.start : named.end].strip()


def _without(text: str, start: int, end: int) -> str:
    """A text without a part of it, and without commas and spaces that lead nowhere."""
    before, after = text[:start].rstrip(" ,;("), text[end:].lstrip(" ,;)")
    return " ".join(f"{before} {after}".split())


def _told(when: NamedTime) -> str:
    match when.when:
        case Months(first, last):
            names = [date(2000, month, 1).strftime("%B") for month in dict.fromkeys((first, last))]
            return " to ".join(names) + " of every year"
        case Dates(None, last):
            return f"until {last}"
        case Dates(first, None):
            return f"from {first}"
        case Dates(first, last):
            return f"{first}" if first == last else f"{first} to {last}"


def _spans(when: NamedTime, lies: Extent, today: date) -> tuple[tuple[datetime, datetime], ...]:
    if isinstance(when.when, Dates):
        first, last = when.when.first, when.when.last
        return ((_start(first) if first else _FIRST, _end(last) if last else _LAST),)
    assert lies.start is not None
    assert lies.end is not None
    months, over = when.when, when.when.first > when.when.last
    # What is said to go on until the year 9999 has no end; and of the first and the last year a part may be no date.
    latest = min(lies.end.year, max(today.year + 1, lies.start.year), _LAST.year - 1)
    earliest = max(min(lies.start.year, latest), latest - _YEARS, _FIRST.year + over)
    years = range(earliest - over, latest + 1)
    return tuple(
        (
            _start(date(year, months.first, 1)),
            _end(date(year + over + months.last // 12, months.last % 12 + 1, 1) - timedelta(days=1)),
        )
        for year in years
    )


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _end(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)
