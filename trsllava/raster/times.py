"""Times as they are written: in the tags and names of image files, in STAC items, in queries."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>(?:19[6-9]|20\d)\d)(?P<dash>[-_.]?)(?P<month>[01]\d)(?P=dash)(?P<day>[0-3]\d)"
    r"(?:[T_-]?(?P<hour>[0-2]\d)[-_:]?(?P<minute>[0-5]\d)[-_:]?(?P<second>[0-5]\d)Z?)?(?!\d)"
)
"""`20240517T103105` (Sentinel), `20240517_103105` (PlanetScope), `20240517` (Landsat, NAIP), `2024-05-17`."""

_DATE = (
    r"(?P<year>\d{4})(?:-?w(?P<week>\d\d)(?:-?(?P<weekday>[1-7]))?|-?(?P<ordinal>\d{3})"
    r"|-(?P<month>\d\d)(?:-(?P<day>\d\d))?|(?P<month8>\d\d)(?P<day8>\d\d))?"
)
_CLOCK = (
    r"(?:(?:t|_|\s+)(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)?"
    r"\s*(?P<zone>z|utc|[+\N{MINUS SIGN}-]\d\d(?::?\d\d)?)?)?"
)
_WRITTEN = re.compile(_DATE + _CLOCK, re.ASCII)
"""ISO 8601's calendar, week and ordinal dates and RFC 3339's instants, in lower case."""

_MICROSECOND = timedelta(microseconds=1)


class Span(NamedTuple):
    """A stretch of time, both ends included, aware and in UTC."""

    start: datetime
    end: datetime


def parse_span(text: str) -> Span | None:
    """All of a time as far as it is written, to the microsecond; None for what is no time.

    `2019` is the whole year, `2019-06` the month, `2019-W10` the week from Monday to Sunday, `2019-06-30T07:07` the
    minute. Letters may be of either case, and a time without a zone is UTC. A leap second (RFC 3339, section 5.6)
    counts as the one before it, and 24:00 as the next day's 00:00.
    """
    match = _WRITTEN.fullmatch(text.strip("\0 ").lower())
    if match is None or (match["hour"] and not _names_a_day(match)):
        return None
    try:
        first, length = _date(match)
        if match["hour"] is not None:
            start, length = _clock(match)
            first += start - _offset(match["zone"])
        return Span(first, first + (length - _MICROSECOND))  # so that the last day of the year 9999 is one
    except (ValueError, OverflowError):  # the thirtieth of February, the year 10000
        return None


def parse_time(text: str, offset: str = "") -> datetime | None:
    """Read `2024:05:17 10:31:05` (TIFF 6.0 and EXIF), ISO 8601 or RFC 3339 as an aware UTC time; None for others.

    `offset` is EXIF's OffsetTimeOriginal, `+02:00`. A time without a zone is taken as UTC.
    """
    text, offset = text.strip("\0 "), offset.strip("\0 ")
    date, _, clock = text.partition(" ")
    if re.fullmatch(r"\d+:\d+:\d+", date):
        text = f"{date.replace(':', '-')} {clock.strip()}".strip()
    span = parse_span(text + offset) or parse_span(text)
    return span.start if span else None


def time_in_name(name: str) -> datetime | None:
    """The first date in a file's name, with the time of day where one follows, as UTC; None where there is none."""
    for match in _IN_NAME.finditer(name):
        year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
        clock = (int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0))
        for time_of_day in (clock, (0, 0, 0)):  # digits after a date need not be a clock
            try:
                return datetime(year, month, day, *time_of_day, tzinfo=UTC)
            except ValueError:  # the thirtieth of February: a number, not a date
                continue
    return None


def _names_a_day(match: re.Match[str]) -> bool:
    return any(match[part] for part in ("day", "day8", "weekday", "ordinal"))


def _date(match: re.Match[str]) -> tuple[datetime, timedelta]:
    """When a written date begins, and how long it lasts."""
    year = int(match["year"])
    if match["week"]:
        first = datetime.fromisocalendar(year, int(match["week"]), int(match["weekday"] or 1)).replace(tzinfo=UTC)
        return first, timedelta(days=1 if match["weekday"] else 7)
    if match["ordinal"]:
        first = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=int(match["ordinal"]) - 1)
        if first.year != year:
            raise ValueError("no such day in this year")
        return first, timedelta(days=1)
    month, day = match["month"] or match["month8"], match["day"] or match["day8"]
    first = datetime(year, int(month or 1), int(day or 1), tzinfo=UTC)
    if day:
        return first, timedelta(days=1)
    return first, timedelta(days=monthrange(year, first.month)[1] if month else 366 if isleap(year) else 365)


def _clock(match: re.Match[str]) -> tuple[timedelta, timedelta]:
    """How long after midnight a written time of day begins, and how long it lasts."""
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError("no such time of day")
    digits = (match["fraction"] or "")[:6]
    start = timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=int(digits.ljust(6, "0")))
    if match["second"]:
        return start, timedelta(microseconds=10 ** (6 - len(digits)))
    return start, timedelta(minutes=1) if match["minute"] else timedelta(hours=1)


def _offset(zone: str | None) -> timedelta:
    if zone in (None, "z", "utc"):
        return timedelta()
    assert zone is not None
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        raise ValueError("no such offset")
    ahead = timedelta(hours=hours, minutes=minutes)
    return ahead if zone[0] == "+" else -ahead
